import { afterEach, describe, expect, it, vi } from 'vitest'
import { EmbedderError, isEmbedderError } from '../wire/embedder-error.js'
import { IDENTITY } from '../wire/identity.js'
import { exposeHost } from '../wire/transfer-handlers.js'
import type {
  EncodeRequest,
  HostApi,
  HostEvent,
  LoadedModel,
  LoadRequest,
  Priority,
  SharedModel,
} from '../wire/protocol.js'
import type { EmbedderStats } from '../wire/embedder-stats.js'
import { HostKeeper } from '../host/keeper.js'
import { Dispatcher } from './dispatcher.js'
import { extraHosts } from './extra-hosts.js'
import { RowsCall, type TextRows } from './rows-call.js'
import { statsOf } from './stats.js'

const DIM = 2
const SLICE_TEXTS = 20
// Texts take a millisecond each, on a busy machine several.
vi.setConfig({ testTimeout: 10_000 })

const LIMITS = { helloMs: 5000, runMs: 1500, downloadMs: 3000, compileMs: 3000 }
const MODEL = {
  spaceId: 'space',
  dim: DIM,
  engine: 'kernels',
  runtime: 'simd',
  dtype: 'q8',
  reasons: [],
  warnings: [],
  probe: { hardwareConcurrency: 2, memoryTier: 'high' },
} as unknown as LoadedModel

/** How one worker behaves. */
interface Behaviour {
  readonly model?: Partial<LoadedModel>
  /** Whether it fails to load. */
  readonly isBroken?: boolean
  /** Weights that it shares. */
  readonly shared?: SharedModel
  /** Whether it cannot use those of another. */
  readonly cannotAttach?: boolean
  /** Whether it never tells what it shares. */
  readonly isSilent?: boolean
  /** What becomes of it when it is to run its second portion, or any with this text. */
  readonly fault?: 'crash' | 'hang'
  readonly poison?: string
}

/** A host whose vectors say which text they are of; it runs one text a millisecond. */
class FakeHost implements HostApi {
  readonly loads: LoadRequest[] = []
  readonly texts: string[] = []
  readonly #behaviour: Behaviour
  readonly #crash: () => void
  #onEvent: (event: HostEvent) => void = () => undefined
  #portions = 0
  #isLost = false
  #running: Promise<void> = Promise.resolve()
  readonly #cancelled = new Set<number>()

  constructor(behaviour: Behaviour, crash: () => void) {
    this.#behaviour = behaviour
    this.#crash = crash
  }

  load(request: LoadRequest, onEvent: (event: HostEvent) => void): Promise<LoadedModel> {
    this.loads.push(request)
    this.#onEvent = onEvent
    if (this.#behaviour.isBroken === true) return Promise.reject(new EmbedderError('out-of-memory', 'no room'))
    if (this.#behaviour.cannotAttach === true && request.shared !== undefined) {
      return Promise.reject(new EmbedderError('verification-failed', 'no good'))
    }
    return Promise.resolve({ ...MODEL, ...this.#behaviour.model })
  }

  share(): Promise<SharedModel | undefined> {
    const { isSilent, shared } = this.#behaviour
    return isSilent === true ? new Promise(() => undefined) : Promise.resolve(shared)
  }

  encode(requests: readonly EncodeRequest[]): Promise<void> {
    for (const request of requests) this.#running = this.#running.then(() => this.#run(request))
    return Promise.resolve()
  }

  cancel(ids: readonly number[]): void {
    for (const id of ids) this.#cancelled.add(id)
  }

  stats(): ReturnType<HostApi['stats']> {
    return Promise.resolve({ embeddings: { hits: 1, misses: this.texts.length, storedVectors: 9, sizeBytes: 9 } })
  }

  readonly tokenize = notHere
  readonly countTokens = notHere
  readonly chunk = notHere
  readonly dispose = notHere

  async #run({ id, texts, isIsolated }: EncodeRequest): Promise<void> {
    if (this.#isLost || this.#cancelled.has(id)) return
    if (isIsolated) this.#onEvent({ kind: 'slice', predictedMs: texts.length, ids: [id] })
    const { fault, poison } = this.#behaviour
    const isHit = poison === undefined ? ++this.#portions === 2 : texts.includes(poison)
    if (fault !== undefined && isHit) {
      this.#isLost = true
      // Messages of before come first, as they do from a worker.
      await after(5)
      if (fault === 'crash') this.#crash()
      return
    }
    for (let start = 0; start < texts.length; start += SLICE_TEXTS) {
      const slice = texts.slice(start, start + SLICE_TEXTS)
      await after(slice.length)
      if (this.#cancelled.has(id)) return
      this.texts.push(...slice)
      const data = Float32Array.from(slice.flatMap(vectorOf))
      const tokenCounts = Int32Array.from(slice, ({ length }) => length)
      const indices = Int32Array.from(slice, (_, index) => start + index)
      this.#onEvent({ kind: 'rows', rows: [{ id, indices, data, tokenCounts }] })
    }
  }
}

/** A worker with a host behind a real message channel. */
class FakeWorker extends EventTarget {
  readonly host: FakeHost
  isTerminated = false
  readonly #page: MessagePort
  readonly #inside: MessagePort

  constructor(behaviour: Behaviour) {
    super()
    const { port1, port2 } = new MessageChannel()
    this.#page = port1
    this.#inside = port2
    this.host = new FakeHost(behaviour, () => {
      this.dispatchEvent(Object.assign(new Event('error'), { message: 'on purpose' }))
    })
    exposeHost(this.host, port2)
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.dispatchEvent(Object.assign(new Event('message'), { data }))
    }
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    this.#page.postMessage(message, transfer)
  }

  terminate(): void {
    this.isTerminated = true
    this.#page.close()
    this.#inside.close()
  }
}

/** A pool over workers that behave as told, in the order in which they start; the last behaviour goes for all that follow. */
class Bench {
  readonly spawned: FakeWorker[] = []
  readonly pool: Dispatcher
  readonly #first: HostKeeper

  constructor(behaviours: readonly Behaviour[], workers: number | 'auto' = 2, idleTimeoutMs?: number) {
    this.#first = new HostKeeper({
      script: {
        id: IDENTITY,
        file: 'worker.js',
        options: 'workerUrl',
        isGiven: true,
        helloMs: LIMITS.helloMs,
        failureClass: EmbedderError,
        spawn: () => {
          const worker = new FakeWorker(behaviours[Math.min(this.spawned.length, behaviours.length - 1)] ?? {})
          this.spawned.push(worker)
          return worker as unknown as Worker
        },
      },
      request: {
        kernels: { 'relaxed-simd': 'a', simd: 'b' },
        sharedKernels: { 'relaxed-simd': 'c', simd: 'd' },
        cache: { weights: 'reload' },
      } as unknown as LoadRequest,
      limits: LIMITS,
      onProgress: undefined,
      idleTimeoutMs,
      onWarning: () => undefined,
    })
    this.pool = new Dispatcher({ first: this.#first, another: extraHosts(this.#first), workers })
    benches.push(this)
  }

  async load(): Promise<this> {
    await this.#first.load()
    return this
  }

  encode(texts: readonly string[], priority: Priority = 'background', signal?: AbortSignal): Promise<TextRows> {
    const what = { prompt: '', truncateDim: undefined, normalize: false, batchSize: 32, cacheDim: undefined }
    const call = new RowsCall({
      texts,
      dim: DIM,
      isShared: priority === 'background',
      onProgress: undefined,
      send: (host, { id, texts: portion, isIsolated }) =>
        host.encode({ id, texts: portion, isIsolated, priority, onTruncate: 'truncate', ...what }),
    })
    return this.pool.run(call, signal)
  }

  stats(): Promise<EmbedderStats> {
    return statsOf(this.pool)
  }

  /** Whether further workers use the weights of those that are there. */
  get sharesWeights(): boolean {
    return this.#first.shared.model !== undefined
  }

  /** Texts that each worker ran. */
  get shares(): number[] {
    return this.spawned.map(({ host }) => host.texts.length)
  }
}

const benches: Bench[] = []

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function notHere(): Promise<never> {
  return Promise.reject(new Error('not here'))
}

function vectorOf(text: string): [number, number] {
  return [Number(text.split(' ')[1]), text.length]
}

/** Different texts, long enough to be worth other workers. */
function bulk(count = 400): string[] {
  return Array.from({ length: count }, (_, index) => `text ${index} ${'of several words '.repeat(3)}`)
}

function expectRows({ data, tokenCounts }: TextRows, texts: readonly string[]): void {
  expect(Array.from(data)).toEqual(texts.flatMap(vectorOf))
  expect(Array.from(tokenCounts)).toEqual(texts.map(({ length }) => length))
}

afterEach(async () => {
  await Promise.all(benches.splice(0).map(({ pool }) => pool.dispose('over')))
})

describe('a pool of workers', () => {
  it('starts workers with the first long list, shares it, and keeps the order', async () => {
    const bench = await new Bench([{}]).load()
    expect(bench.pool.count).toEqual({ running: 1, most: 2 })
    expectRows(await bench.encode(bulk(20)), bulk(20))
    expect(bench.spawned).toHaveLength(1)
    expectRows(await bench.encode(bulk()), bulk())
    expect(bench.pool.count).toEqual({ running: 2, most: 2 })
    const [first = 0, second = 0] = bench.shares
    expect(first + second).toBe(420)
    expect(Math.min(first, second)).toBeGreaterThan(100)
    expect(bench.spawned[1]?.host.loads[0]).toMatchObject({
      engine: 'kernels',
      device: 'wasm',
      dtype: 'q8',
      kernels: { simd: 'b' },
      verify: 'off',
      cache: { weights: 'auto' },
    })
    expect(bench.spawned[1]?.host.loads[0]?.kernels).not.toHaveProperty('relaxed-simd')
  })

  it('sends equal texts once', async () => {
    const bench = await new Bench([{}]).load()
    const texts = [...bulk(), ...bulk(300), ...bulk(200)]
    expectRows(await bench.encode(texts), texts)
    expect(bench.shares.reduce((sum, count) => sum + count, 0)).toBe(400)
    expect(bench.shares).toHaveLength(2)
  })

  it('sends a query to an idle worker', async () => {
    const bench = await new Bench([{}]).load()
    await bench.encode(bulk())
    const before = bench.shares
    const slow = bench.encode(bulk(20))
    expectRows(await bench.encode(['query 7'], 'interactive'), ['query 7'])
    await slow
    expect(bench.shares).toEqual([(before[0] ?? 0) + 20, (before[1] ?? 0) + 1])
  })

  it.each([
    ['another engine', { engine: 'onnx' as const }],
    ['a GPU', { device: 'webgpu' as const, runtime: 'wgsl' as const }],
    ['little memory', { probe: { ...MODEL.probe, memoryTier: 'low' as const } }],
    ['one core', { probe: { ...MODEL.probe, hardwareConcurrency: 1 } }],
  ])('stays one worker by itself with %s', async (_, model) => {
    const bench = await new Bench([{ model }], 'auto').load()
    expectRows(await bench.encode(bulk()), bulk())
    expect(bench.spawned).toHaveLength(1)
    expect(bench.pool.count).toEqual({ running: 1, most: 1 })
  })

  it('takes one worker a core, and no more than four', async () => {
    const probe = (hardwareConcurrency: number): LoadedModel['probe'] => ({ ...MODEL.probe, hardwareConcurrency })
    const three = await new Bench([{ model: { probe: probe(3) } }], 'auto').load()
    const many = await new Bench([{ model: { probe: probe(32) } }], 'auto').load()
    expect([three.pool.count.most, many.pool.count.most]).toEqual([3, 4])
  })

  it('adds up what workers count', async () => {
    const bench = await new Bench([{}]).load()
    await bench.encode(bulk())
    const { embeddings } = await bench.stats()
    expect(embeddings).toEqual({ hits: 2, misses: 400, storedVectors: 9, sizeBytes: 9 })
  })
})

describe('a pool with a worker that fails', () => {
  it.each([
    ['the first crashes', [{ fault: 'crash' }, {}]],
    ['the first hangs', [{ fault: 'hang' }, {}]],
    ['the other crashes', [{}, { fault: 'crash' }, {}]],
    ['the other hangs', [{}, { fault: 'hang' }, {}]],
    ['both crash', [{ fault: 'crash' }, { fault: 'crash' }, {}]],
  ] as const)('loses nothing when %s', async (_, behaviours) => {
    const bench = await new Bench(behaviours).load()
    const queries = Array.from({ length: 50 }, (__, index) => [`query ${index}`])
    const answers = await Promise.all([bench.encode(bulk()), ...queries.map((query) => bench.encode(query))])
    answers.forEach((answer, index) => {
      expectRows(answer, index === 0 ? bulk() : (queries[index - 1] ?? []))
    })
    expectRows(await bench.encode(bulk(300)), bulk(300))
  })

  it('lets the others go on meanwhile', async () => {
    const bench = await new Bench([{ fault: 'hang' }, {}]).load()
    const started = performance.now()
    expectRows(await bench.encode(bulk()), bulk())
    // A portion of the first one is done before it hangs; the rest comes from the other one, which has waited for no reload.
    expect(bench.shares[1]).toBeGreaterThan(200)
    expect(performance.now() - started).toBeLessThan(6000)
  })

  it('takes a query away from a worker that is lost, at once', async () => {
    const bench = await new Bench([{}, { fault: 'crash', poison: 'query 7' }]).load()
    await bench.encode(bulk())
    const slow = bench.encode(bulk(20))
    expectRows(await bench.encode(['query 7'], 'interactive'), ['query 7'])
    await slow
    expect(bench.spawned).toHaveLength(2)
    expect(bench.spawned[0]?.host.texts.at(-1)).toBe('query 7')
  })

  it('does without one that cannot be loaded, and says so', async () => {
    const bench = await new Bench([{}, { isBroken: true }]).load()
    for (let call = 0; call < 3; call++) expectRows(await bench.encode(bulk(250)), bulk(250))
    await expect.poll(() => bench.pool.count).toEqual({ running: 1, most: 1 })
    expect(bench.pool.reasons).toHaveLength(1)
    const { length } = bench.spawned
    expectRows(await bench.encode(bulk(250)), bulk(250))
    expect(bench.spawned).toHaveLength(length)
  })

  it('takes no vectors from one with another model', async () => {
    const bench = await new Bench([{}, { model: { spaceId: 'other' } }]).load()
    expectRows(await bench.encode(bulk()), bulk())
    expect(bench.shares[1]).toBe(0)
  })

  it('fails only the call with a text that ends every worker, after bounded tries', async () => {
    const bench = await new Bench([{ fault: 'crash', poison: 'poison' }]).load()
    const others = [bench.encode(bulk()), bench.encode(['query 1'], 'interactive')]
    const code: unknown = await bench
      .encode(['poison'], 'interactive')
      .catch((error: unknown) => isEmbedderError(error, 'worker-crashed'))
    expect(code).toBe(true)
    const [first, second] = await Promise.all(others)
    if (first === undefined || second === undefined) throw new Error('lost')
    expectRows(first, bulk())
    expectRows(second, ['query 1'])
    expect(bench.spawned.length).toBeLessThanOrEqual(7)
  })
})

describe('a pool on an isolated page', () => {
  const probe = { ...MODEL.probe, isCrossOriginIsolated: true }
  const sharing = { model: { probe }, shared: { contents: 'weights' } }

  /** What each host was asked to attach to, load by load. */
  const attached = ({ spawned }: Bench): unknown[] =>
    spawned.flatMap(({ host }) => host.loads.map(({ shared }) => shared?.contents))

  it('gives the weights of the first worker to the others, once they are told', async () => {
    const bench = await new Bench([sharing], 3).load()
    expect(bench.sharesWeights).toBe(false)
    expectRows(await bench.encode(bulk(800)), bulk(800))
    expect(attached(bench)).toEqual([undefined, 'weights', 'weights'])
    expect(bench.spawned[1]?.host.loads[0]?.sharedKernels).toEqual({ simd: 'd' })
    expect(bench.sharesWeights).toBe(true)
    expect(Math.min(...bench.shares)).toBeGreaterThan(0)
  })

  it('gives them to the worker that takes over from the first too', async () => {
    const bench = await new Bench([{ ...sharing, fault: 'crash', poison: 'poison' }, sharing]).load()
    await bench.encode(bulk())
    // A busy machine may have done the list before the second worker is there.
    await expect.poll(() => bench.pool.count.running).toBe(2)
    // Goes to the first worker, as both are idle.
    expectRows(await bench.encode(['poison'], 'interactive'), ['poison'])
    expect(attached(bench)).toEqual([undefined, 'weights', 'weights'])
  })

  it('loads the model anew where weights of another are no use', async () => {
    const bench = await new Bench([sharing, { ...sharing, cannotAttach: true }]).load()
    expectRows(await bench.encode(bulk()), bulk())
    await expect.poll(() => bench.pool.count.running).toBe(2)
    expect(attached(bench)).toEqual([undefined, 'weights', undefined])
    expect(bench.sharesWeights).toBe(false)
  })

  it('does not wait for a first worker that does not tell', async () => {
    const bench = await new Bench([{ ...sharing, isSilent: true }, sharing]).load()
    expectRows(await bench.encode(bulk(2000)), bulk(2000))
    expect(attached(bench)[1]).toBeUndefined()
  })

  it('has weights of their own where the page is not isolated, or the first worker shares none', async () => {
    const plain = await new Bench([{ ...sharing, model: {} }]).load()
    const own = await new Bench([{ model: { probe } }]).load()
    for (const bench of [plain, own]) {
      await bench.encode(bulk())
      expect(attached(bench)).toEqual([undefined, undefined])
      expect(bench.sharesWeights).toBe(false)
    }
  })

  it('lets the weights go when no worker has the model any more', async () => {
    const bench = await new Bench([sharing], 2, 50).load()
    await bench.encode(bulk())
    expect(bench.sharesWeights).toBe(true)
    await expect.poll(() => bench.sharesWeights).toBe(false)
    expectRows(await bench.encode(bulk(300)), bulk(300))
    const again = await new Bench([sharing]).load()
    await again.encode(bulk())
    await again.pool.dispose('over')
    expect(again.sharesWeights).toBe(false)
  })
})

describe('the end', () => {
  it('of a call ends what all workers do of it', async () => {
    const bench = await new Bench([{}]).load()
    await bench.encode(bulk())
    const controller = new AbortController()
    const before = bench.shares
    const call = bench.encode(bulk(2000), 'background', controller.signal)
    controller.abort('enough')
    await expect(call).rejects.toBe('enough')
    expectRows(await bench.encode(bulk(10)), bulk(10))
    await after(50)
    const ran = bench.shares.reduce((sum, count) => sum + count, 0) - before.reduce((sum, count) => sum + count, 0)
    expect(ran).toBe(10)
  })

  it('of the pool fails all calls, and ends all workers', async () => {
    const bench = await new Bench([{}]).load()
    await bench.encode(bulk())
    const calls = [bench.encode(bulk()), bench.encode(['a'], 'interactive'), bench.encode(['b'], 'interactive')]
    const settled = Promise.allSettled(calls)
    await bench.pool.dispose('gone')
    expect(await settled).toEqual(calls.map(() => ({ status: 'rejected', reason: 'gone' })))
    expect(bench.spawned.map(({ isTerminated }) => isTerminated)).toEqual([true, true])
    await expect(bench.encode(['c'])).rejects.toBe('gone')
  })
})
