import type { EmbeddingSpace } from '../../math/embeddings.js'
import type { Precision } from '../../math/precision.js'

/** One vector with what it was made of. */
export interface SinkRow {
  /** Place of the row among all rows of the input, from 0 on. */
  readonly index: number
  /** Value of `--id-column`, else the index in digits. Nobody checks that ids differ. */
  readonly id: string
  /** What was encoded, without a prompt. */
  readonly text: string
  /** Every other field of the input's row by name: texts of CSV, any JSON of JSON Lines, nothing of plain lines. */
  readonly fields: Readonly<Record<string, unknown>>
  /** The vector, in the precision of the job: `dim` values. A view of a buffer that is reused by nobody. */
  readonly vector: Float32Array | Int8Array | Uint8Array
}

/** What a run is to write, known before the first row. */
export interface SinkJob {
  /** What the vectors may be compared with: `id` is the digest of the model, `model` its name. */
  readonly space: EmbeddingSpace
  /** Values of a vector: for `binary` and `ubinary` bytes. */
  readonly dim: number
  /** What the values are. */
  readonly precision: Precision
  /** Name of the field that the texts were read of; `text` for plain lines. */
  readonly textName: string
  /**
   * Digest of all that decides which rows are made: input, its columns, model and options. Rows of two digests must never be mixed.
   */
  readonly digest: string
  /** `--restart`: what an unfinished run has left is thrown away. */
  readonly isRestart: boolean
  /** `--overwrite`: a finished result is replaced. */
  readonly isOverwrite: boolean
}

/** How far a run has come. */
export interface Checkpoint {
  /** Rows that are kept, the first ones of the input. */
  readonly rows: number
  /** Digest of the input up to there; the reader compares it. `undefined` where a target cannot keep it: then nothing is compared. */
  readonly inputDigest: string | undefined
}

/**
 * Takes embeddings as they are made: a file, a table.
 *
 * One run calls `open` once, then `write` with rows in the order of the input, one call at a time, then `finish` or `abort`. A process may
 * be killed at any moment: the next `open` must find a state in which the rows kept and their checkpoint belong together.
 *
 * What goes wrong is a `CliError` that says in one line what, and in a second what to do. Other errors are shown by their message.
 */
export interface EmbeddingSink {
  /** Name for messages and for the summary: a path, or a URL without a password. */
  readonly name: string

  /**
   * Takes the target for this run, so that no second process writes it, and looks for an unfinished run.
   *
   * @returns How far an unfinished run of the same digest came; `undefined` where there is none, and all rows are to come.
   * @throws {CliError} If the target cannot be written, is in use by another process, is finished (without `isOverwrite`), or holds an
   * unfinished run of another digest (without `isRestart`).
   */
  open(job: SinkJob): Promise<Checkpoint | undefined>

  /**
   * Keeps rows, whole or not at all.
   *
   * @param rows - At least one; the first follows the last that is kept.
   * @param checkpoint - What is true once they are kept; `open` of a later run gives the last one back.
   */
  write(rows: readonly SinkRow[], checkpoint: Checkpoint): Promise<void>

  /** Makes the result what a reader sees, and lets go of the target. Without any row the result is empty, not missing. */
  finish(): Promise<void>

  /** Lets go of the target and leaves what is kept for a later run. May be called at any moment, also before `open` and after a failure. */
  abort(): Promise<void>
}
