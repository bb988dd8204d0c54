/** One text of the input, with what stands beside it. */
export interface InputRecord {
  readonly text: string
  /** Value of the column of ids; `undefined` where none was named. */
  readonly id: string | undefined
  /** Every other field by name. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Bytes of the input up to its end. */
  readonly endByte: number
}

/** Formats of the input. */
export const INPUT_FORMATS = ['lines', 'csv', 'jsonl'] as const

/** One of {@link INPUT_FORMATS}. */
export type InputFormat = (typeof INPUT_FORMATS)[number]

/** What to read, and how. */
export interface InputOptions {
  /** A path, or `-`. */
  readonly path: string
  readonly format: InputFormat
  /** Name of the column or field with the texts. */
  readonly column: string
  /** Name of the column or field with the ids. */
  readonly idColumn: string | undefined
}

/** The field that texts are read of where nobody says. */
export const DEFAULT_COLUMN = 'text'

/**
 * Chooses the format of a file by its ending.
 *
 * @returns `lines` for endings that say nothing.
 */
export function formatOf(path: string): InputFormat {
  if (/\.csv$/i.test(path)) return 'csv'
  return /\.(jsonl|ndjson)$/i.test(path) ? 'jsonl' : 'lines'
}
