import type { SinkJob, SinkRow } from '../embedding-sink.js'

/** Turns rows into the bytes of a file, which is written from its beginning to its end. */
export interface RowFormat {
  /** Bytes before the first row; as many at the end, whatever the number of rows is, when they are written anew. */
  readonly head: (job: SinkJob, rows: number) => Uint8Array
  /** Bytes of some rows. */
  readonly rows: (rows: readonly SinkRow[], job: SinkJob) => Uint8Array
}
