import { afterEach, describe, expect, it } from 'vitest'
import { calling, connectApi, exposeApi, moving, type Remote } from './endpoint.js'
import type { FailureOptions } from './failure-class.js'

/** A class of failures, as nestling has it. */
class Failure extends Error {
  override readonly name = 'EmbedderError'
  readonly code: string
  readonly details: FailureOptions['details']

  constructor(code: string, message: string, { cause, details = {} }: FailureOptions = {}) {
    super(message, { cause })
    this.code = code
    this.details = details
  }
}

interface Api {
  size(data: Float32Array): number
  tell(listener: (word: string) => void): Promise<void>
  fail(kind: 'failure' | 'bare' | 'range' | 'text'): Promise<never>
}

const THROWN = {
  failure: new Failure('device-lost', 'gone', { details: { a: 1 }, cause: new TypeError('below') }),
  // As a worker makes it that does without the class.
  bare: Object.assign(new Error('full'), { name: 'EmbedderError', code: 'quota-exceeded', details: { b: 'c' } }),
  range: new RangeError('too far'),
  text: 'a text',
}

const ports: MessagePort[] = []

function connect(): Remote<Api> {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  const api: Api = {
    size: (data) => data.length,
    tell: async (listener) => {
      await Promise.resolve()
      listener('word')
    },
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what badly behaved code throws
    fail: (kind) => Promise.reject(THROWN[kind]),
  }
  exposeApi<Api>(api, port1)
  return connectApi<Api>(port2, Failure)
}

afterEach(() => {
  for (const port of ports.splice(0)) port.close()
})

describe('an endpoint', () => {
  it('calls functions of the other side with their arguments, which may move', async () => {
    const data = Float32Array.of(1, 2, 3)
    expect(await connect().size(moving(data, [data.buffer]))).toBe(3)
    expect(data.byteLength).toBe(0)
  })

  it('lets the other side call a function of this one', async () => {
    const words: string[] = []
    await connect().tell(calling((word: string) => words.push(word)))
    await expect.poll(() => words).toEqual(['word'])
  })

  it('gives failures their class back, with code, details and cause, also those that never had it', async () => {
    const error = await connect()
      .fail('failure')
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ code: 'device-lost', message: 'gone', details: { a: 1 } })
    expect((error as Error).cause).toBeInstanceOf(TypeError)
    const bare = await connect()
      .fail('bare')
      .catch((caught: unknown) => caught)
    expect(bare).toBeInstanceOf(Failure)
    expect(bare).toMatchObject({ code: 'quota-exceeded', message: 'full', details: { b: 'c' } })
  })

  it('keeps other errors and the text of what is none', async () => {
    await expect(connect().fail('range')).rejects.toThrow(RangeError)
    await expect(connect().fail('text')).rejects.toBe('a text')
  })
})
