import { describe, expect, it } from 'vitest'
import { Embeddings } from '../math/embeddings.js'
import { checkStreamOptions, encodeStream } from './encode-stream.js'

/** Encodes a text as its number. */
async function encode(texts: readonly string[]): Promise<Embeddings> {
  await Promise.resolve()
  return new Embeddings(Float32Array.from(texts, Number), [texts.length, 1], { id: 's', model: 'm' })
}

class Source implements AsyncIterable<string> {
  asked = 0
  isClosed = false
  readonly #count: number

  constructor(count: number) {
    this.#count = count
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    try {
      while (this.asked < this.#count) {
        await Promise.resolve()
        yield String(this.asked++)
      }
    } finally {
      this.isClosed = true
    }
  }
}

describe('encodeStream()', () => {
  it('gives all texts in order, in chunks', async () => {
    const source = new Source(600)
    const values: number[] = []
    for await (const { start, texts, embeddings } of encodeStream(source, encode, undefined)) {
      expect(start).toBe(values.length)
      expect(texts).toHaveLength(embeddings.count)
      values.push(...embeddings.data)
    }
    expect(values).toEqual(Array.from({ length: 600 }, (_, index) => index))
    expect(source.isClosed).toBe(true)
  })

  it('reads no further than two chunks ahead, and closes the source when the consumer leaves', async () => {
    const source = new Source(100_000)
    for await (const { start } of encodeStream(source, encode, undefined)) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(source.asked).toBeLessThanOrEqual(start + 3 * 256)
      if (start >= 512) break
    }
    await expect.poll(() => source.isClosed).toBe(true)
  })

  it('does not wait for a full chunk when the source pauses', async () => {
    async function* slow(): AsyncGenerator<string, void, undefined> {
      yield '1'
      await new Promise((resolve) => setTimeout(resolve, 300))
      yield '2'
    }
    const starts: number[] = []
    for await (const { start } of encodeStream(slow(), encode, undefined)) starts.push(start)
    expect(starts).toEqual([0, 1])
  })

  it('ends at once with the reason of the signal, although the source is stuck', async () => {
    const stuck: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }),
    }
    const controller = new AbortController()
    const reading = encodeStream(stuck, encode, controller.signal).next()
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })

  it('passes failures of the source and of encoding on, and refuses what is no text', async () => {
    async function* failing(): AsyncGenerator<string, void, undefined> {
      yield '1'
      await Promise.resolve()
      throw new Error('source broke')
    }
    const read = async (source: AsyncIterable<string>, run = encode): Promise<void> => {
      for await (const chunk of encodeStream(source, run, undefined)) expect(chunk.texts).not.toHaveLength(0)
    }
    await expect(read(failing())).rejects.toThrow('source broke')
    await expect(read(new Source(5), () => Promise.reject(new Error('engine broke')))).rejects.toThrow('engine broke')
    async function* wrong(): AsyncGenerator<string, void, undefined> {
      yield '1'
      await Promise.resolve()
      yield 2 as unknown as string
    }
    await expect(read(wrong())).rejects.toThrow(/index 1/)
  })

  it('refuses levels that would differ from chunk to chunk', () => {
    expect(() => {
      checkStreamOptions({ precision: 'int8' })
    }).toThrow(RangeError)
    expect(() => {
      checkStreamOptions({ precision: 'ubinary' })
    }).not.toThrow()
  })
})
