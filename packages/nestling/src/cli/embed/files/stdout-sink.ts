import { once } from 'node:events'
import process from 'node:process'
import type { EmbeddingSink, SinkJob, SinkRow } from '../embedding-sink.js'
import { JSONL_FORMAT } from './jsonl-format.js'

/** Writes JSON Lines to the standard output. Nothing is kept, so no run goes on where another ended. */
export class StdoutSink implements EmbeddingSink {
  readonly name = 'the standard output'
  #job: SinkJob | undefined

  /** {@inheritDoc EmbeddingSink.open} */
  open(job: SinkJob): Promise<undefined> {
    this.#job = job
    return Promise.resolve(undefined)
  }

  /** {@inheritDoc EmbeddingSink.write} */
  async write(rows: readonly SinkRow[]): Promise<void> {
    if (this.#job === undefined) throw new Error('Cannot write a sink that is not open')
    // A reader that is slow slows this down.
    if (!process.stdout.write(JSONL_FORMAT.rows(rows, this.#job))) await once(process.stdout, 'drain')
  }

  /** {@inheritDoc EmbeddingSink.finish} */
  finish(): Promise<void> {
    return Promise.resolve()
  }

  /** {@inheritDoc EmbeddingSink.abort} */
  abort(): Promise<void> {
    return Promise.resolve()
  }
}
