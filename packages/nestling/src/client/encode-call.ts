import { EmbedderError } from '../wire/embedder-error.js'
import type { EncodedRows, EncodeRequest } from '../wire/protocol.js'
import { callListener } from '@nestling/kit/calls/call-listener'
import { DistinctPortions, type DistinctPortion } from './distinct-portions.js'
import type { ResolvedEncodeOptions } from './encode-options.js'
import { EncodePart, type SharedCall } from './encode-part.js'
import type { PoolWorker } from './pool-worker.js'
import { runSteps } from '@nestling/kit/calls/run-steps'

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
  /** Workers that share the call; its portions are small where there are several. */
  readonly workers: number
  /** Told when a worker gave back what it had. */
  readonly onWaiting: (call: EncodeCall) => void
  /** Told when the call has settled. */
  readonly onSettled: (call: EncodeCall, isAnswer: boolean) => void
}

interface Settle {
  readonly resolve: (encoded: EncodedTexts) => void
  readonly reject: (error: unknown) => void
}

/**
 * One call of `encode` while it runs: {@link EncodePart | parts} take portions of it to workers, and rows come in any order. It knows
 * what is missing when a worker is lost.
 */
export class EncodeCall implements SharedCall {
  /** {@inheritDoc SharedCall.isIsolated} */
  isIsolated = false
  /** Settles once, also when the call is given up. */
  readonly result: Promise<EncodedTexts>
  readonly #parts: EncodeCallParts
  readonly #encoded: EncodedTexts
  readonly #portions: DistinctPortions
  /** What workers are at, or have been. */
  readonly #workerParts = new Map<PoolWorker, EncodePart>()
  /** Portions that were given back. */
  readonly #waiting: DistinctPortion[] = []
  /** Portions that workers hold. */
  #inFlight = 0
  /** Copies of texts that are not done, by the first one's place. */
  readonly #copies = new Map<number, number>()
  readonly #isDone: Uint8Array
  #done = 0
  #reported = -1
  /** Whether it was given up, and nothing more is told. */
  #isOver = false
  #settle: Settle | undefined

  /**
   * Prepares a call; nothing is sent yet.
   *
   * @param parts - Texts and options.
   * @throws {EmbedderError} `out-of-memory` if there is no room for the result.
   */
  constructor(parts: EncodeCallParts) {
    const { texts, dim, workers } = parts
    this.#parts = parts
    this.#encoded = { data: allocate(texts.length, dim), tokenCounts: new Int32Array(texts.length) }
    this.#isDone = new Uint8Array(texts.length)
    this.#portions = new DistinctPortions(texts, workers)
    this.result = new Promise<EncodedTexts>((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
  }

  /** What workers have had of it. */
  get workerParts(): Iterable<EncodePart> {
    return this.#workerParts.values()
  }

  /** {@inheritDoc SharedCall.request} */
  get request(): Omit<EncodeRequest, 'id' | 'texts'> {
    const { options, cacheDim } = this.#parts
    const { prompt, truncateDim, normalize, batchSize, priority, onTruncate } = options
    const { isIsolated } = this
    return { prompt, truncateDim, normalize, batchSize, priority, onTruncate, cacheDim, isIsolated }
  }

  /**
   * Gives what a worker has, or may have, of the call.
   *
   * @param worker - The worker.
   * @returns Its part; the same one each time. `undefined` once the call has settled.
   */
  partOf(worker: PoolWorker): EncodePart | undefined {
    if (this.#settle === undefined) return undefined
    const part = this.#workerParts.get(worker) ?? new EncodePart(this, worker)
    this.#workerParts.set(worker, part)
    return part
  }

  /** {@inheritDoc SharedCall.takePortion} */
  takePortion(): DistinctPortion | undefined {
    if (this.#settle === undefined) return undefined
    let portion = this.#waiting.pop()
    if (portion === undefined && !this.#portions.isEmpty) {
      portion = this.#portions.take((firstPlace) => {
        this.#countCopy(firstPlace)
      })
    }
    if (portion === undefined) this.#finishWhenDone()
    else if (portion.texts.length > 0) this.#inFlight++
    return portion
  }

  /** {@inheritDoc SharedCall.giveBack} */
  giveBack(portions: readonly DistinctPortion[]): void {
    this.#inFlight -= portions.length
    for (const portion of portions) this.#waiting.push(this.#missingOf(portion))
    // Also where it had none: it may have been the one to look for more.
    if (this.#settle !== undefined) this.#parts.onWaiting(this)
  }

  /** {@inheritDoc SharedCall.takeRows} */
  takeRows(portion: DistinctPortion, rows: EncodedRows): void {
    const { dim } = this.#parts
    const { data, tokenCounts } = this.#encoded
    rows.indices.forEach((index, row) => {
      const place = portion.indices[index] as number
      data.set(rows.data.subarray(row * dim, (row + 1) * dim), place * dim)
      tokenCounts[place] = rows.tokenCounts[row] as number
      this.#isDone[place] = 1
      this.#done += 1 + (this.#copies.get(place) ?? 0)
    })
    this.#report()
  }

  /** {@inheritDoc SharedCall.endPortion} */
  endPortion(): void {
    this.#inFlight--
  }

  /** {@inheritDoc SharedCall.failTooLong} */
  failTooLong(place: number, tokenCount: number): void {
    const { maxSeqLength } = this.#parts
    this.fail(
      new EmbedderError(
        'text-too-long',
        `Cannot encode as every text must have at most ${maxSeqLength} tokens: current number at index ${place} is ${tokenCount}\nShorten it, or encode with onTruncate: 'truncate' or 'chunk'`,
        { details: { index: place, tokenCount, maxSeqLength } },
      ),
    )
  }

  /** {@inheritDoc SharedCall.fail} */
  fail(error: unknown): void {
    this.#isOver = true
    this.#end(false)?.reject(error)
  }

  #missingOf({ indices, texts }: DistinctPortion): DistinctPortion {
    const rows = indices.flatMap((place, row) => (this.#isDone[place] === 1 ? [] : [row]))
    return {
      indices: rows.map((row) => indices[row] as number),
      texts: rows.map((row) => texts[row] as string),
    }
  }

  #countCopy(firstPlace: number): void {
    if (this.#isDone[firstPlace] === 1) this.#done++
    else this.#copies.set(firstPlace, (this.#copies.get(firstPlace) ?? 0) + 1)
  }

  #finishWhenDone(): void {
    if (this.#inFlight === 0 && this.#portions.isEmpty) void this.#finish()
  }

  #end(isAnswer: boolean): Settle | undefined {
    const settle = this.#settle
    this.#settle = undefined
    if (settle !== undefined) this.#parts.onSettled(this, isAnswer)
    return settle
  }

  async #finish(): Promise<void> {
    const settle = this.#end(true)
    if (settle === undefined) return
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
    if (this.#done === this.#reported || this.#isOver) return
    this.#reported = this.#done
    const fraction = total === 0 ? 1 : this.#done / total
    callListener(options.onProgress, { phase: 'encode', fraction, done: this.#done, total })
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
