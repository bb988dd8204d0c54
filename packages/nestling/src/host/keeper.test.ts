import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { EmbedderError } from '../wire/embedder-error.js'
import { IDENTITY } from '../wire/identity.js'
import type { EncodeRequest, HostApi, HostEvent, LoadedModel, LoadRequest } from '../wire/protocol.js'
import { exposeHost } from '../wire/transfer-handlers.js'
import { HostKeeper, type HostKeeperOptions } from './keeper.js'
import type { HostNews } from './kept-host.js'

const LIMITS = { helloMs: 20_000, runMs: 1000, downloadMs: 50_000, compileMs: 50_000 }
const MODEL = {
  spaceId: 'space',
  engine: 'kernels',
  reasons: [],
  warnings: [],
  device: 'wasm',
} as unknown as LoadedModel

/** Lets time pass, once all messages that are on their way have come. */
async function pass(ms: number): Promise<void> {
  await messages()
  vi.advanceTimersByTime(ms)
  await messages()
}

/** Channels are real: their messages come between tasks, which are not faked. */
async function messages(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A worker whose host does what a test says, behind a real message channel. */
class ScriptedWorker extends EventTarget {
  readonly requests: EncodeRequest[] = []
  readonly cancelled: number[] = []
  isTerminated = false
  tell: (event: HostEvent) => void = () => undefined
  readonly #channel = new MessageChannel()

  constructor(script: Partial<HostApi>) {
    super()
    const nothing = (): Promise<never> => new Promise(() => undefined)
    const host: HostApi = {
      load: (_, onEvent) => {
        this.tell = onEvent
        return Promise.resolve(MODEL)
      },
      encode: (requests) => {
        this.requests.push(...requests)
        return Promise.resolve()
      },
      cancel: (ids) => void this.cancelled.push(...ids),
      dispose: () => Promise.resolve(),
      ...{ tokenize: nothing, countTokens: nothing, chunk: nothing, share: nothing, stats: nothing },
      ...script,
    }
    exposeHost(host, this.#channel.port2)
    this.#channel.port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.dispatchEvent(Object.assign(new Event('message'), { data }))
    }
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#channel.port1.postMessage(message, transfer)
  }

  terminate(): void {
    this.isTerminated = true
    this.#channel.port1.close()
    this.#channel.port2.close()
  }
}

const keepers: HostKeeper[] = []

/** A keeper, its workers, and all that it told. */
class Bench {
  readonly workers: ScriptedWorker[] = []
  readonly news: HostNews[] = []
  readonly keeper: HostKeeper

  constructor(scripts: readonly Partial<HostApi>[] = [], options: Partial<HostKeeperOptions> = {}) {
    this.keeper = new HostKeeper({
      script: {
        id: IDENTITY,
        file: 'worker.js',
        options: 'workerUrl',
        isGiven: true,
        failureClass: EmbedderError,
        helloMs: LIMITS.helloMs,
        spawn: () => {
          const worker = new ScriptedWorker(scripts[this.workers.length] ?? {})
          this.workers.push(worker)
          return worker as unknown as Worker
        },
      },
      request: { device: 'auto', cache: { weights: 'auto' } } as unknown as LoadRequest,
      limits: LIMITS,
      idleTimeoutMs: undefined,
      onProgress: undefined,
      onWarning: () => undefined,
      ...options,
    })
    this.keeper.listen((news) => this.news.push(news))
    keepers.push(this.keeper)
  }

  get kinds(): string[] {
    return this.news.map(({ kind }) => kind)
  }

  ask(id: number, texts: readonly string[] = ['a']): Promise<void> {
    return this.keeper.encode({ id, texts } as unknown as EncodeRequest)
  }

  answer(id: number, worker = this.workers.at(-1)): void {
    const rows = { id, indices: Int32Array.of(0), data: Float32Array.of(1), tokenCounts: Int32Array.of(1) }
    worker?.tell({ kind: 'rows', rows: [rows] })
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(keepers.splice(0).map((keeper) => keeper.dispose('over')))
})

describe('a keeper', () => {
  it('loads once for all who ask, and tells when it is ready', async () => {
    const bench = new Bench()
    bench.keeper.start()
    await Promise.all([bench.keeper.load(), bench.keeper.load()])
    bench.keeper.start()
    expect([bench.kinds, bench.workers.length, bench.keeper.isReady]).toEqual([['ready'], 1, true])
  })

  it('sends requests of one tick in one message, and counts what is not answered', async () => {
    const lengths: number[] = []
    const bench = new Bench([
      {
        encode: (requests) => {
          lengths.push(requests.length)
          return Promise.resolve()
        },
      },
    ])
    await bench.keeper.load()
    await Promise.all([bench.ask(1), bench.ask(2, ['a', 'b']), bench.ask(3)])
    expect([lengths, bench.keeper.size]).toEqual([[3], 3])
    bench.answer(1)
    bench.answer(2)
    await messages()
    expect(bench.keeper.size).toBe(2)
    bench.answer(2)
    bench.keeper.cancel([3])
    await messages()
    expect(bench.keeper.size).toBe(0)
  })

  it('takes silence for a loss only while something is not answered', async () => {
    const bench = new Bench()
    await bench.keeper.load()
    await bench.ask(1)
    bench.keeper.cancel([1])
    await pass(LIMITS.runMs)
    await bench.ask(2)
    bench.answer(2)
    await pass(LIMITS.runMs)
    expect(bench.kinds).toEqual(['ready', 'rows'])
    await bench.ask(3)
    await pass(LIMITS.runMs - 1)
    expect(bench.kinds).toEqual(['ready', 'rows'])
    await pass(1)
    expect(bench.news[2]).toMatchObject({ kind: 'lost', error: { code: 'worker-unresponsive' } })
    expect([bench.keeper.isReady, bench.keeper.size, bench.workers[0]?.isTerminated]).toEqual([false, 0, true])
  })

  it('waits no longer for requests that keep coming, nor for those that are cancelled', async () => {
    const bench = new Bench()
    await bench.keeper.load()
    await bench.ask(1)
    await pass(LIMITS.runMs / 2)
    await bench.ask(2)
    bench.keeper.cancel([2])
    await pass(LIMITS.runMs / 2)
    expect(bench.kinds).toEqual(['ready', 'lost'])
  })

  it('bears a slice that was announced, and no longer silence after it', async () => {
    const bench = new Bench()
    await bench.keeper.load()
    await bench.ask(1, ['a', 'b'])
    bench.workers[0]?.tell({ kind: 'slice', predictedMs: LIMITS.runMs, ids: [1] })
    await pass(10 * LIMITS.runMs)
    expect(bench.kinds).toEqual(['ready', 'slice'])
    bench.answer(1)
    await pass(LIMITS.runMs)
    expect(bench.kinds).toEqual(['ready', 'slice', 'rows', 'lost'])
  })

  it('tells of a crash, and nothing of what that host had', async () => {
    const bench = new Bench()
    await bench.keeper.load()
    const call = bench.keeper.call((host) => host.stats())
    bench.workers[0]?.dispatchEvent(Object.assign(new Event('error'), { message: 'on purpose' }))
    await expect(call).rejects.toMatchObject({ code: 'worker-crashed' })
    await bench.keeper.load()
    bench.answer(1, bench.workers[0])
    expect(bench.kinds).toEqual(['ready', 'lost', 'ready'])
    expect(bench.keeper.restarts).toBe(1)
  })

  it('refuses what the host refuses, and goes on', async () => {
    const bench = new Bench([{ encode: () => Promise.reject(new RangeError('too much')) }])
    await bench.keeper.load()
    await expect(bench.ask(1)).rejects.toThrow('too much')
    expect([bench.keeper.size, bench.keeper.isReady]).toEqual([0, true])
  })

  it('unloads the model after an idle time, and loads it again when it is started', async () => {
    const bench = new Bench([], { idleTimeoutMs: 500 })
    await bench.keeper.load()
    await bench.ask(1)
    await pass(900)
    expect(bench.keeper.isReady).toBe(true)
    bench.answer(1)
    await pass(499)
    expect(bench.keeper.isReady).toBe(true)
    await pass(1)
    expect([bench.keeper.isReady, bench.workers[0]?.isTerminated]).toEqual([false, true])
    await bench.keeper.load()
    expect(bench.kinds).toEqual(['ready', 'rows', 'ready'])
  })
})

describe('a keeper whose host cannot be loaded', () => {
  const broken = { load: () => Promise.reject(new EmbedderError('out-of-memory', 'no room')) }

  it('tries twice, then once on a lower device, and tells why that is', async () => {
    const devices: unknown[] = []
    const script: Partial<HostApi> = {
      load: ({ device }) => {
        devices.push(device)
        return Promise.reject(new EmbedderError('device-lost', 'gone'))
      },
    }
    const warnings: string[] = []
    const bench = new Bench([script, script, script], { onWarning: (kind) => warnings.push(kind) })
    await expect(bench.keeper.load()).rejects.toMatchObject({ code: 'device-lost' })
    expect([devices, warnings, bench.kinds]).toEqual([['auto', 'auto', 'wasm'], ['device-fallback'], ['unloadable']])
    expect(bench.workers.map(({ isTerminated }) => isTerminated)).toEqual([true, true, true])
  })

  it('may be started again by whoever hears of it', async () => {
    const bench = new Bench([broken, broken, broken])
    bench.keeper.listen((news) => {
      bench.news.push(news)
      if (news.kind === 'unloadable') bench.keeper.start()
    })
    bench.keeper.start()
    await messages()
    await messages()
    expect(bench.kinds).toEqual(['unloadable', 'ready'])
  })

  it('rejects a load with what it is disposed of with, and ends its worker', async () => {
    const bench = new Bench([{ load: () => new Promise(() => undefined) }])
    const load = bench.keeper.load()
    await messages()
    expect(bench.workers).toHaveLength(1)
    await bench.keeper.dispose('gone')
    await expect(load).rejects.toBe('gone')
    await expect(bench.keeper.load()).rejects.toBe('gone')
    expect(bench.workers[0]?.isTerminated).toBe(true)
  })
})
