import type { Embeddings } from '../math/embeddings.js'
import { untilAborted } from './abort.js'
import { show } from './check-options.js'

/** One part of an async iterable, encoded. */
export interface EncodedChunk<E = Embeddings> {
  /** Place of its first text among all. */
  readonly start: number
  readonly texts: readonly string[]
  /** Shape `[texts, dim]`. */
  readonly embeddings: E
}

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
 * @param encode - Encodes a chunk.
 * @param signal - Ends it all.
 * @yields {EncodedChunk} Chunks.
 */
export async function* encodeStream<E>(
  source: AsyncIterable<string>,
  encode: (texts: readonly string[], signal: AbortSignal) => Promise<E>,
  signal: AbortSignal | undefined,
): AsyncGenerator<EncodedChunk<E>, void, undefined> {
  signal?.throwIfAborted()
  const reader = new ChunkReader(source)
  const ender = new AbortController()
  const abort = (): void => {
    ender.abort(signal?.reason)
  }
  signal?.addEventListener('abort', abort, { once: true })
  let start = 0
  const advance = async (): Promise<Promise<EncodedChunk<E>>[]> => {
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
