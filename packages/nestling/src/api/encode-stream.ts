import type { Embeddings } from '../math/embeddings.js'
import type { MatrixShape } from '../math/matrix.js'
import type { Precision } from '../math/precision.js'
import { untilAborted } from '@nestling/kit/calls/until-aborted'
import { show } from '@nestling/kit/options/show'
import type { EncodeOptions } from './options/encode-options.js'

/** One part of an async iterable, encoded. */
export interface EncodedPart<P extends Precision = 'float32'> {
  /** Place of its first text among all. */
  readonly start: number
  readonly texts: readonly string[]
  /** Shape `[texts, dim]`. */
  readonly embeddings: Embeddings<MatrixShape, P>
}

/** Chunks in the order of the texts. */
export type EncodedStream<P extends Precision = 'float32'> = AsyncGenerator<EncodedPart<P>, void, undefined>

/** Texts of one chunk: enough to sort by length, few enough to come back within seconds on a slow device. */
const CHUNK_TEXTS = 256

/** A source that pauses for longer has its texts encoded as far as they are there. */
const PAUSE_MS = 50

/**
 * Encodes an async iterable, chunk after chunk, in order.
 *
 * The source is asked for more only while at most two chunks are on their way: a consumer that is slow slows it down. When the consumer
 * stops early the source is closed and what runs is ended.
 *
 * @param source - Texts.
 * @param signal - Ends it all.
 * @yields {EncodedPart} Chunks.
 */
export async function* encodeStream<P extends Precision>(
  source: AsyncIterable<string>,
  encode: (texts: readonly string[], signal: AbortSignal) => Promise<Embeddings<MatrixShape, P>>,
  signal: AbortSignal | undefined,
): EncodedStream<P> {
  signal?.throwIfAborted()
  const reader = new ChunkReader(source)
  const ender = new AbortController()
  const abort = (): void => {
    ender.abort(signal?.reason)
  }
  signal?.addEventListener('abort', abort, { once: true })
  let start = 0
  const advance = async (): Promise<Promise<EncodedPart<P>>[]> => {
    const texts = await reader.read()
    if (texts.length === 0) return []
    const first = start
    start += texts.length
    const chunk = encode(texts, ender.signal).then((embeddings) => ({ start: first, texts, embeddings }))
    // It is awaited later; until then its failure has no owner.
    chunk.catch(() => undefined)
    return [chunk]
  }
  try {
    let next = advance()
    for (;;) {
      const [current] = await untilAborted(next, signal, () => undefined)
      if (current === undefined) return
      next = advance()
      next.catch(() => undefined)
      yield await current
    }
  } finally {
    signal?.removeEventListener('abort', abort)
    ender.abort()
    reader.close()
  }
}

/**
 * Refuses what a stream cannot do.
 *
 * @param options - What the caller gave.
 * @throws {RangeError} If the levels of the precision would be other ones in each chunk.
 */
export function checkStreamOptions(options: EncodeOptions<Precision>): void {
  const { precision, ranges } = options
  if (ranges !== undefined || precision?.endsWith('int8') !== true) return
  throw new RangeError(
    `Cannot encode an async iterable as precision ${precision} needs ranges there: every chunk would have other levels\nGive ranges, or encode a list`,
  )
}

/** Collects texts that come one by one. */
class ChunkReader {
  readonly #iterator: AsyncIterator<string>
  #coming: Promise<IteratorResult<string>> | undefined
  #count = 0

  constructor(source: AsyncIterable<string>) {
    this.#iterator = source[Symbol.asyncIterator]()
  }

  /** The next texts; none at the end. */
  async read(): Promise<string[]> {
    const texts: string[] = []
    let pause: Promise<undefined> | undefined
    while (texts.length < CHUNK_TEXTS) {
      this.#coming ??= this.#iterator.next()
      if (texts.length > 0) pause ??= new Promise((resolve) => setTimeout(resolve, PAUSE_MS, undefined))
      const result = await (pause === undefined ? this.#coming : Promise.race([this.#coming, pause]))
      if (result === undefined) break
      if (result.done === true) break
      this.#coming = undefined
      texts.push(checkText(result.value, this.#count++))
    }
    return texts
  }

  /** Does not wait: a source that is stuck may never answer. */
  close(): void {
    void Promise.resolve(this.#iterator.return?.()).catch(() => undefined)
  }
}

function checkText(text: unknown, index: number): string {
  if (typeof text === 'string') return text
  throw new TypeError(`Cannot encode as every text must be a string: current value at index ${index} is ${show(text)}`)
}
