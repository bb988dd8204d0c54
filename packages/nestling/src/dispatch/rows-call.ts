import { callListener } from '@nestling/kit/calls/call-listener'
import { runSteps } from '@nestling/kit/calls/run-steps'
import type { KeptHost } from '../host/kept-host.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { ProgressListener } from '../wire/progress.js'
import type { EncodedRows } from '../wire/protocol.js'
import type { Call, Job, Portion } from './job.js'
import { DistinctPortions } from './distinct-portions.js'

/** What each text of a call adds to its units. */
const UNITS_PER_TEXT = 8

/** Rows that are copied before the page may breathe. */
const COPIED_ROWS = 256

/** A row for each text of a call. */
export interface TextRows {
  /** `[texts, dim]`, row-major. */
  readonly data: Float32Array<ArrayBuffer>
  /** Tokens of each text before anything was cut. */
  readonly tokenCounts: Int32Array<ArrayBuffer>
}

/** What a call for rows is made of. */
export interface RowsCallParts {
  readonly texts: readonly string[]
  /** Length of a row. */
  readonly dim: number
  /** Whether several hosts may share it. */
  readonly isShared: boolean
  readonly onProgress: ProgressListener | undefined
  /** Sends a job: what each row is, only this says. */
  readonly send: (host: KeptHost, job: Job) => Promise<unknown>
}

/** A call that gives a row for each text, in their order. Rows come in any order, and equal texts share one. */
export class RowsCall implements Call<TextRows> {
  readonly units: number
  readonly result: Promise<TextRows>
  readonly send: RowsCallParts['send']
  readonly #parts: RowsCallParts
  readonly #rows: TextRows
  readonly #portions: DistinctPortions
  readonly #isDone: Uint8Array
  /** Copies of texts that are not done, by the first one's place. */
  readonly #copies = new Map<number, number>()
  #done = 0
  #reported = -1
  #isOver = false
  #resolve!: (rows: TextRows) => void
  #reject!: (error: unknown) => void

  /** Makes room for the rows; throws `out-of-memory` where there is none. */
  constructor(parts: RowsCallParts) {
    const { texts, dim, isShared } = parts
    this.#parts = parts
    this.send = parts.send
    this.#rows = { data: allocate(texts.length, dim), tokenCounts: new Int32Array(texts.length) }
    this.#isDone = new Uint8Array(texts.length)
    this.#portions = new DistinctPortions(texts)
    this.units = isShared && texts.length > 1 ? this.#portions.unitsLeft + texts.length * UNITS_PER_TEXT : 0
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  cut(hosts: number): Portion | 'later' | undefined {
    if (this.#portions.isEmpty) return undefined
    const portion = this.#portions.take(hosts, (first) => {
      this.#countCopy(first)
    })
    return portion.texts.length === 0 ? 'later' : portion
  }

  take({ places }: Portion, { indices, data, tokenCounts }: EncodedRows): void {
    const { dim } = this.#parts
    indices.forEach((index, row) => {
      const place = places[index]
      if (place === undefined || this.#isDone[place] === 1) return
      this.#rows.data.set(data.subarray(row * dim, (row + 1) * dim), place * dim)
      this.#rows.tokenCounts[place] = tokenCounts[row] as number
      this.#isDone[place] = 1
      this.#done += 1 + (this.#copies.get(place) ?? 0)
    })
    this.#report()
  }

  missingOf({ places, texts }: Portion): Portion | undefined {
    const isMissing = (_: unknown, index: number): boolean => this.#isDone[places[index] as number] === 0
    const missing = { places: places.filter(isMissing), texts: texts.filter(isMissing) }
    return missing.texts.length === 0 ? undefined : missing
  }

  finish(): void {
    runSteps(this.#copyRows()).then(() => {
      this.#done = this.#parts.texts.length
      this.#report()
      this.#resolve(this.#rows)
    }, this.#reject)
  }

  fail(error: unknown): void {
    this.#isOver = true
    this.#reject(error)
  }

  #countCopy(first: number): void {
    if (this.#isDone[first] === 1) this.#done++
    else this.#copies.set(first, (this.#copies.get(first) ?? 0) + 1)
  }

  *#copyRows(): Generator<undefined, void, undefined> {
    const { dim } = this.#parts
    const { data, tokenCounts } = this.#rows
    let copied = 0
    for (const [place, first] of this.#portions.copies()) {
      data.copyWithin(place * dim, first * dim, (first + 1) * dim)
      tokenCounts[place] = tokenCounts[first] as number
      if (++copied % COPIED_ROWS === 0) yield
    }
  }

  #report(): void {
    const { texts, onProgress } = this.#parts
    const total = texts.length
    if (this.#done === this.#reported || this.#isOver) return
    this.#reported = this.#done
    const fraction = total === 0 ? 1 : this.#done / total
    callListener(onProgress, { phase: 'encode', fraction, done: this.#done, total })
  }
}

function allocate(count: number, dim: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(count * dim)
  } catch (cause) {
    throw new EmbedderError(
      'out-of-memory',
      `Cannot encode as there is no memory for ${count} vectors of ${dim} numbers\nEncode an async iterable, which gives one part after another`,
      { cause, details: { count, dim } },
    )
  }
}
