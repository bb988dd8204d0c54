import { afterEach, describe, expect, it } from 'vitest'
import { EmbedderError, ERROR_CODES, isEmbedderError } from './embedder-error.js'
import type { Chunks, EncodeRequest, HostApi, LoadedModel } from './protocol.js'
import { connectHost, exposeHost } from './transfer-handlers.js'

const REQUEST: EncodeRequest = { id: 1, texts: [], prompt: '', truncateDim: undefined, normalize: false, batchSize: 1 }
const NO_CHUNKS: Chunks = { counts: new Int32Array(0), spans: new Int32Array(0) }
const ports: MessagePort[] = []

/** A host whose `encode` does what a test says, behind a real message channel. */
function hostThat(encode: HostApi['encode'], chunks: Chunks = NO_CHUNKS): HostApi {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  const host: HostApi = {
    load: (_, onEvent) => {
      onEvent({ kind: 'encode', id: 7, done: 3 })
      return Promise.resolve({ name: 'a model' } as LoadedModel)
    },
    encode,
    cancel: () => undefined,
    tokenize: () => Promise.resolve({ ids: [Int32Array.of(1, 2)], truncated: [false] }),
    countTokens: () => Promise.resolve(Int32Array.of(2)),
    chunk: () => Promise.resolve(chunks),
    dispose: () => Promise.resolve(),
  }
  exposeHost(host, port1)
  return connectHost(port2)
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It did not reject')
}

afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

describe('an error on its way to the page', () => {
  it.each(ERROR_CODES)('keeps class, code, details and cause: %s', async (code) => {
    const cause = new RangeError('too far', { cause: new EmbedderError('device-lost', 'deep', { details: { a: 1 } }) })
    const host = hostThat(() =>
      Promise.reject(new EmbedderError(code, 'what', { cause, details: { path: 'x', n: 2 } })),
    )
    const error = await caught(host.encode(REQUEST))
    expect(error).toBeInstanceOf(EmbedderError)
    expect(isEmbedderError(error, code)).toBe(true)
    expect(error).toMatchObject({ message: 'what', details: { path: 'x', n: 2 } })
    const outer = (error as Error).cause as Error
    expect(outer).toBeInstanceOf(RangeError)
    expect(outer.message).toBe('too far')
    expect(isEmbedderError(outer.cause, 'device-lost')).toBe(true)
  })

  it('keeps the built-in classes of misuse, and the name of others', async () => {
    expect(await caught(hostThat(() => Promise.reject(new TypeError('t'))).encode(REQUEST))).toBeInstanceOf(TypeError)
    expect(await caught(hostThat(() => Promise.reject(new RangeError('r'))).encode(REQUEST))).toBeInstanceOf(RangeError)
    const other = Object.assign(new Error('o'), { name: 'OperationError' })
    expect(await caught(hostThat(() => Promise.reject(other)).encode(REQUEST))).toMatchObject({
      name: 'OperationError',
    })
  })

  it('gives the text of a thrown value that is no error', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what badly behaved code throws
    expect(await caught(hostThat(() => Promise.reject('a string')).encode(REQUEST))).toBe('a string')
  })

  it('cuts a cycle of causes', async () => {
    const error = new Error('round')
    error.cause = error
    expect(await caught(hostThat(() => Promise.reject(error)).encode(REQUEST))).toMatchObject({ message: 'round' })
  })
})

describe('a result on its way to the page', () => {
  it('is transferred, not copied', async () => {
    const data = Float32Array.of(1, 2, 3)
    const host = hostThat(() => Promise.resolve({ data, dim: 3, truncatedCount: 0 }))
    expect(await host.encode(REQUEST)).toEqual({ data: Float32Array.of(1, 2, 3), dim: 3, truncatedCount: 0 })
    expect(data.byteLength).toBe(0)
  })

  it('is transferred for chunks too', async () => {
    const packed = { counts: Int32Array.of(1), spans: Int32Array.of(0, 1, 3) }
    const host = hostThat(() => Promise.reject(new Error('not used')), packed)
    const request = { id: 1, texts: ['a'], prompt: '', maxTokens: 8, overlapTokens: 0 }
    expect(await host.chunk(request)).toEqual({ counts: Int32Array.of(1), spans: Int32Array.of(0, 1, 3) })
    expect([packed.counts.byteLength, packed.spans.byteLength]).toEqual([0, 0])
  })

  it('comes with events', async () => {
    const events: unknown[] = []
    const host = hostThat(() => Promise.reject(new Error('not used')))
    await host.load({} as Parameters<HostApi['load']>[0], (event) => events.push(event))
    await expect.poll(() => events).toEqual([{ kind: 'encode', id: 7, done: 3 }])
  })
})

describe('isEmbedderError()', () => {
  it('knows an error of another realm by name and code', () => {
    const foreign = Object.assign(new Error('x'), { name: 'EmbedderError', code: 'run-failed' })
    expect(isEmbedderError(foreign)).toBe(true)
    expect(isEmbedderError(foreign, 'disposed')).toBe(false)
    expect(isEmbedderError(Object.assign(new Error('x'), { name: 'EmbedderError', code: 'made-up' }))).toBe(false)
    expect(isEmbedderError({ name: 'EmbedderError', code: 'run-failed' })).toBe(false)
  })
})
