import { afterEach, describe, expect, it } from 'vitest'
import { EmbedderError, ERROR_CODES, isEmbedderError } from './embedder-error.js'
import type { Chunks, EncodedRows, EncodeRequest, HostApi, HostEvent, LoadedModel } from './protocol.js'
import { connectHost, exposeHost } from './transfer-handlers.js'

const REQUESTS: readonly EncodeRequest[] = []
const PACKED: Chunks = { counts: Int32Array.of(1), spans: Int32Array.of(0, 1, 3) }
const ports: MessagePort[] = []

/** A host whose `encode` does what a test says, and whose `load` tells of an event, behind a real message channel. */
function hostThat(encode: HostApi['encode'], event?: HostEvent): HostApi {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  const host: HostApi = {
    load: (_, onEvent) => {
      if (event !== undefined) onEvent(event)
      return Promise.resolve({ name: 'a model' } as LoadedModel)
    },
    encode,
    cancel: () => undefined,
    tokenize: () => Promise.resolve({ ids: [Int32Array.of(1, 2)], truncated: [false] }),
    countTokens: () => Promise.resolve(Int32Array.of(2)),
    chunk: () => Promise.resolve(PACKED),
    share: () => Promise.resolve({ contents: 'weights' }),
    stats: () => Promise.resolve({ embeddings: { hits: 1, misses: 2, storedVectors: 3, sizeBytes: 4 } }),
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
    const error = await caught(host.encode(REQUESTS))
    expect(error).toBeInstanceOf(EmbedderError)
    expect(isEmbedderError(error, code)).toBe(true)
    expect(error).toMatchObject({ message: 'what', details: { path: 'x', n: 2 } })
    const outer = (error as Error).cause as Error
    expect(outer).toBeInstanceOf(RangeError)
    expect(outer.message).toBe('too far')
    expect(isEmbedderError(outer.cause, 'device-lost')).toBe(true)
  })

  it('keeps the built-in classes of misuse, and the name of others', async () => {
    expect(await caught(hostThat(() => Promise.reject(new TypeError('t'))).encode(REQUESTS))).toBeInstanceOf(TypeError)
    expect(await caught(hostThat(() => Promise.reject(new RangeError('r'))).encode(REQUESTS))).toBeInstanceOf(
      RangeError,
    )
    const other = Object.assign(new Error('o'), { name: 'OperationError' })
    expect(await caught(hostThat(() => Promise.reject(other)).encode(REQUESTS))).toMatchObject({
      name: 'OperationError',
    })
  })

  it('gives the text of a thrown value that is no error', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what badly behaved code throws
    expect(await caught(hostThat(() => Promise.reject('a string')).encode(REQUESTS))).toBe('a string')
  })

  it('cuts a cycle of causes', async () => {
    const error = new Error('round')
    error.cause = error
    expect(await caught(hostThat(() => Promise.reject(error)).encode(REQUESTS))).toMatchObject({ message: 'round' })
  })
})

/** What the page hears of an event. */
async function heard(event: HostEvent): Promise<HostEvent> {
  const events: HostEvent[] = []
  const host = hostThat(() => Promise.resolve(), event)
  await host.load({} as Parameters<HostApi['load']>[0], (arrived) => events.push(arrived))
  await expect.poll(() => events).toHaveLength(1)
  return events[0] as HostEvent
}

describe('an event on its way to the page', () => {
  it('has its rows moved, not copied', async () => {
    const data = Float32Array.of(1, 2, 3)
    const rows: EncodedRows = { id: 7, indices: Int32Array.of(0), data, tokenCounts: Int32Array.of(5) }
    expect(await heard({ kind: 'rows', rows: [rows] })).toEqual({
      kind: 'rows',
      rows: [{ id: 7, indices: Int32Array.of(0), data: Float32Array.of(1, 2, 3), tokenCounts: Int32Array.of(5) }],
    })
    expect(data.byteLength).toBe(0)
  })

  it('has its error whole', async () => {
    const error = new EmbedderError('device-lost', 'gone', { details: { reason: 'x' } })
    const event = await heard({ kind: 'failed', id: 3, error })
    expect(event).toMatchObject({ kind: 'failed', id: 3, error: { code: 'device-lost', details: { reason: 'x' } } })
    expect(isEmbedderError(event.kind === 'failed' ? event.error : undefined, 'device-lost')).toBe(true)
  })
})

describe('an answer on its way to the page', () => {
  it('is moved, not copied', async () => {
    const request = { texts: ['a'], prompt: '', maxTokens: 8, overlapTokens: 0 }
    const chunks = await hostThat(() => Promise.resolve()).chunk(request)
    expect(chunks).toEqual({ counts: Int32Array.of(1), spans: Int32Array.of(0, 1, 3) })
    expect([PACKED.counts.byteLength, PACKED.spans.byteLength]).toEqual([0, 0])
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
