import type { SearchEmbedder } from '../search-embedder.js'

/** Most of the room of a passage that its context may take: the text counts for more. */
const MOST_SHARE = 1 / 3

/** Room below which a context would be cut to a stump. */
const LEAST_TOKENS = 4

/** UTF-16 units of a context that are looked at: a title may be a whole text, and finding its first tokens takes time by its length. */
const MOST_UNITS = 2000

/** What stands behind each part of a context, as behind a heading in plain text. */
const SEPARATOR = '\n'

/** How documents are cut. */
export interface PassageLimits {
  /** Members of metadata that are put in front. */
  readonly context: readonly string[]
  readonly maxTokens: number | undefined
  readonly overlapTokens: number | undefined
  readonly promptName: string | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Gives what is encoded in front of each passage of a document: members of its metadata that are strings or lists of strings, in the order
 * of the names, each on a line of its own.
 *
 * @param metadata - What is known of the document.
 * @param names - Names of the members.
 * @returns Lines; '' where there are none.
 */
export function contextOf(metadata: object | undefined, names: readonly string[]): string {
  const known = (metadata ?? {}) as Readonly<Record<string, unknown>>
  const parts = names.flatMap((name) => (Object.hasOwn(known, name) ? known[name] : undefined))
  const texts = parts.filter((part) => typeof part === 'string' && part.trim() !== '')
  return texts.map((text) => `${String(text).trim()}${SEPARATOR}`).join('')
}

/**
 * Cuts contexts so that the text has most of a passage.
 *
 * @param contexts - What {@link contextOf} gave for each document.
 * @returns Contexts that fit.
 */
export async function fitContexts(
  embedder: SearchEmbedder,
  contexts: readonly string[],
  { maxTokens = embedder.maxSeqLength, overlapTokens = 0, promptName, signal }: PassageLimits,
): Promise<readonly string[]> {
  if (maxTokens === undefined || contexts.every((context) => context === '')) return contexts
  const [empty] = await embedder.chunk([''], { promptName, signal })
  const fixedTokens = empty?.[0]?.tokenCount ?? 0
  const room = maxTokens - fixedTokens
  // What a passage repeats of the one before must fit behind it, and something new.
  const most = Math.floor(Math.min(room * MOST_SHARE, (room - overlapTokens) / 2))
  if (most < LEAST_TOKENS) return contexts.map(() => '')
  const starts = contexts.map((context) => context.slice(0, MOST_UNITS))
  const parts = await embedder.chunk(starts, { maxTokens: fixedTokens + most, promptName, signal })
  return parts.map(([first]) => {
    const fitting = first?.text.trim() ?? ''
    return fitting === '' ? '' : `${fitting}${SEPARATOR}`
  })
}
