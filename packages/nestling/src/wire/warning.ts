/** Every kind of warning; a closed list. */
export const WARNING_KINDS = [
  'text-truncated',
  'dim-not-nested',
  'dim-beyond-model',
  'device-fallback',
  'verification-failed',
  'cache-unavailable',
  'settings-ignored',
] as const

/** One of {@link WARNING_KINDS}. */
export type WarningKind = (typeof WARNING_KINDS)[number]

/** Something the caller should know although the call succeeded. Each kind is raised once per embedder. */
export interface EmbedderWarning {
  /** What it is about. */
  readonly kind: WarningKind
  /** A sentence for a person, with what to do. */
  readonly message: string
}

/** Receives warnings. */
export type WarningListener = (warning: EmbedderWarning) => void
