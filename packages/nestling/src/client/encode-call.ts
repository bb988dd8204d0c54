import { EmbedderError } from '../wire/embedder-error.js'
import { nextTask } from '../wire/next-task.js'
import type { EncodedRows } from '../wire/protocol.js'
import { callListener } from './call-listener.js'
import { DistinctPortions, type DistinctPortion } from './distinct-portions.js'
import type { ResolvedEncodeOptions } from './encode-options.js'
import type { HostConnection } from './host-connection.js'
import { REPLACED } from './recovery.js'
import { runSteps } from './run-steps.js'
import type { Work, WorkRequests } from './work.js'

/** Portions that a host holds of one call: while one runs the next is there already. */
const PORTIONS_IN_FLIGHT = 2

/** What an encode call gives. */
export interface EncodedTexts {
  /** `[texts, dim]`, row-major. */
  readonly data: Float32Array<ArrayBuffer>
  /** Tokens of each text before anything was cut. */
  readonly tokenCounts: Int32Array<ArrayBuffer>
}

/** What a call needs of its surroundings. */
export interface EncodeCallParts {
  readonly texts: readonly string[]
  /** Length of a row. */
  readonly dim: number
  /** Tokens that the model reads, for messages. */
  readonly maxSeqLength: number
  readonly options: ResolvedEncodeOptions
  /** Components that the embedding cache keeps of each vector; `undefined` where the call has nothing to do with it. */
  readonly cacheDim: number | undefined
  /** Told when the call has settled. */
  readonly onSettled: (call: EncodeCall, isAnswer: boolean) => void
}

/** One call of `encode` while it runs: it sends portions, takes rows in any order, and knows what is missing when a host is lost. */
export class EncodeCall implements Work, WorkRequests {
  static #lastId = 0
  /** {@inheritDoc Work.attempts} */
  attempts = 0
  /** {@inheritDoc Work.isIsolated} */
  isIsolated = false
  /** Settles once, also when the call is given up. */
  readonly result: Promise<EncodedTexts>
  readonly #parts: EncodeCallParts
  readonly #encoded: EncodedTexts
  readonly #portions: DistinctPortions
  readonly #inFlight = new Map<number, PortionInFlight>()
  /** Copies of texts that are not done, by the first one's place. */
  readonly #copies = new Map<number, number>()
  readonly #isDone: Uint8Array
  #done = 0
  #reported = -1
  #connection: HostConnection | undefined
  #settle: { resolve: (encoded: EncodedTexts) => void; reject: (error: unknown) => void } | undefined

  /**
   * Prepares a call; nothing is sent yet.
   *
   * @param parts - Texts and options.
   * @throws {EmbedderError} `out-of-memory` if there is no room for the result.
   */
  constructor(parts: EncodeCallParts) {
    const { texts, dim } = parts
    this.#parts = parts
    this.#encoded = { data: allocate(texts.length, dim), tokenCounts: new Int32Array(texts.length) }
    this.#isDone = new Uint8Array(texts.length)
    this.#portions = new DistinctPortions(texts)
    this.result = new Promise<EncodedTexts>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
  }

  /** {@inheritDoc Work.requests} */
  get requests(): WorkRequests {
    return this
  }

  /** {@inheritDoc WorkRequests.ids} */
  get ids(): Iterable<number> {
    return this.#inFlight.keys()
  }

  /** {@inheritDoc WorkRequests.has} */
  has(id: number): boolean {
    return this.#inFlight.has(id)
  }

  /** {@inheritDoc Work.start} */
  start(connection: HostConnection): void {
    this.#connection = connection
    const before = [...this.#inFlight.values()]
    this.#inFlight.clear()
    for (const portion of before) this.#send(portion.missing(this.#isDone))
    this.#fill()
  }

  /** {@inheritDoc WorkRequests.takeRows} */
  takeRows(rows: EncodedRows): void {
    const portion = this.#inFlight.get(rows.id)
    if (portion === undefined) return
    const { dim } = this.#parts
    const { data, tokenCounts } = this.#encoded
    rows.indices.forEach((index, row) => {
      const place = portion.indices[index] as number
      data.set(rows.data.subarray(row * dim, (row + 1) * dim), place * dim)
      tokenCounts[place] = rows.tokenCounts[row] as number
      this.#isDone[place] = 1
      this.#done += 1 + (this.#copies.get(place) ?? 0)
    })
    portion.remaining -= rows.indices.length
    this.#report()
    if (portion.remaining > 0) return
    this.#inFlight.delete(rows.id)
    this.#fill()
  }

  /** {@inheritDoc WorkRequests.failTooLong} */
  failTooLong(id: number, index: number, tokenCount: number): void {
    const { maxSeqLength } = this.#parts
    const place = this.#inFlight.get(id)?.indices[index] ?? -1
    this.fail(
      new EmbedderError(
        'text-too-long',
        `Cannot encode as every text must have at most ${maxSeqLength} tokens: current number at index ${place} is ${tokenCount}\nShorten it, or encode with onTruncate: 'truncate' or 'chunk'`,
        { details: { index: place, tokenCount, maxSeqLength } },
      ),
    )
  }

  /** {@inheritDoc Work.fail} */
  fail(error: unknown): void {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    this.#parts.onSettled(this, false)
    settle.reject(error)
  }

  #fill(): void {
    while (this.#inFlight.size < PORTIONS_IN_FLIGHT && !this.#portions.isEmpty) {
      const portion = this.#portions.take((firstPlace) => {
        this.#countCopy(firstPlace)
      })
      if (portion.texts.length === 0) {
        void nextTask().then(() => {
          this.#fill()
        })
        return
      }
      this.#send(portion)
    }
    if (this.#inFlight.size === 0) void this.#finish()
  }

  #send({ indices, texts }: DistinctPortion): void {
    const connection = this.#connection
    if (connection === undefined || this.#settle === undefined) return
    const { prompt, truncateDim, normalize, batchSize, priority, onTruncate } = this.#parts.options
    const id = ++EncodeCall.#lastId
    this.#inFlight.set(id, new PortionInFlight(indices, texts))
    const { cacheDim } = this.#parts
    const options = { prompt, truncateDim, normalize, batchSize, priority, onTruncate, cacheDim }
    connection.encode({ id, texts, ...options, isIsolated: this.isIsolated }, (error) => {
      if (error !== REPLACED && this.#inFlight.has(id)) this.fail(error)
    })
  }

  #countCopy(firstPlace: number): void {
    if (this.#isDone[firstPlace] === 1) this.#done++
    else this.#copies.set(firstPlace, (this.#copies.get(firstPlace) ?? 0) + 1)
  }

  async #finish(): Promise<void> {
    const settle = this.#settle
    if (settle === undefined) return
    this.#settle = undefined
    this.#parts.onSettled(this, true)
    await runSteps(this.#copyRows())
    this.#done = this.#parts.texts.length
    this.#report()
    settle.resolve(this.#encoded)
  }

  *#copyRows(): Generator<undefined, void, undefined> {
    const { dim } = this.#parts
    const { data, tokenCounts } = this.#encoded
    let copied = 0
    for (const [place, first] of this.#portions.copies()) {
      data.copyWithin(place * dim, first * dim, (first + 1) * dim)
      tokenCounts[place] = tokenCounts[first] as number
      if (++copied % 256 === 0) yield
    }
  }

  #report(): void {
    const { texts, options } = this.#parts
    const total = texts.length
    if (this.#done === this.#reported) return
    this.#reported = this.#done
    const fraction = total === 0 ? 1 : this.#done / total
    callListener(options.onProgress, { phase: 'encode', fraction, done: this.#done, total })
  }
}

/** A portion that a host has. */
class PortionInFlight implements DistinctPortion {
  readonly indices: readonly number[]
  readonly texts: readonly string[]
  remaining: number

  constructor(indices: readonly number[], texts: readonly string[]) {
    this.indices = indices
    this.texts = texts
    this.remaining = texts.length
  }

  missing(isDone: Uint8Array): DistinctPortion {
    const rows = this.indices.flatMap((place, row) => (isDone[place] === 1 ? [] : [row]))
    return {
      indices: rows.map((row) => this.indices[row] as number),
      texts: rows.map((row) => this.texts[row] as string),
    }
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
