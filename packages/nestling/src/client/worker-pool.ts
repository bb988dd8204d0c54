import { takeWitness } from '../engine/kernels/claim-slot.js'
import type { EmbedderStats } from '../wire/embedder-stats.js'
import type { KernelUrls, LoadedModel, LoadRequest, Priority, SharedModel } from '../wire/protocol.js'
import { within } from '@nestling/kit/calls/within'
import { countUnits } from './distinct-portions.js'
import type { EncodeCall } from './encode-call.js'
import { callHost } from './host-call.js'
import { PoolWorker } from './pool-worker.js'
import type { WorkerSupervisor } from './worker-supervisor.js'

/** Most workers that are started unasked: beyond it memory grows faster than speed. */
const MAX_AUTO_WORKERS = 4

/** Without bulk work for this long a worker beside the first is ended. */
const IDLE_MS = 30_000

/** UTF-16 units of a call, and what each text adds to its own, from which on workers that are there share it. */
const SHARED_UNITS = 4000
const UNITS_PER_TEXT = 8

/** Units from which on it starts workers: they load in the time that some hundred sentences take. */
const STARTING_UNITS = 16_000

/** What a pool is made of. */
export interface WorkerPoolParts {
  /** The worker that has the model. */
  readonly first: WorkerSupervisor
  /** Most workers; `auto` goes by cores and memory. */
  readonly workers: number | 'auto'
}

/** Workers of an embedder. */
export interface WorkerCount {
  /** Those that hold the model at the moment. */
  readonly running: number
  /** Those that bulk work may have. */
  readonly most: number
}

/**
 * Shares bulk work among workers. Those beside the first are started by the first call that is worth it, take portions as long as there
 * are any, and end after an idle time. Everything that is not bulk goes to one worker, which is idle if any is.
 */
export class WorkerPool {
  readonly #parts: WorkerPoolParts
  readonly #workers: PoolWorker[]
  #asking: Promise<SharedModel | undefined> | undefined

  /**
   * Begins with the first worker alone.
   *
   * @param parts - That worker, and how many there may be.
   */
  constructor(parts: WorkerPoolParts) {
    this.#parts = parts
    this.#workers = [new PoolWorker(parts.first, parts.first)]
  }

  /** How many workers there are. */
  get count(): WorkerCount {
    const lost = this.#workers.filter(({ isUsable }) => !isUsable).length
    return { running: this.#loaded.length, most: this.#most - Math.min(lost, this.#most - 1) }
  }

  /** Whether further workers use the weights of those that are there. */
  get sharesWeights(): boolean {
    return this.#parts.first.shared.model !== undefined
  }

  /** Workers that had to be replaced. */
  get restarts(): number {
    return this.#workers.reduce((sum, { supervisor }) => sum + supervisor.restarts, 0)
  }

  /** Why there are fewer workers than there might be. */
  get reasons(): readonly string[] {
    const { length } = this.#workers.filter(({ isUsable }) => !isUsable)
    return length === 0 ? [] : [`${length} of the workers for bulk work failed again and again, and get no more of it`]
  }

  /**
   * Chooses who runs a call.
   *
   * @param texts - The call's texts.
   * @param priority - `interactive` work is not shared.
   * @returns One worker, or those that share it.
   */
  choose(texts: readonly string[], priority: Priority): readonly PoolWorker[] {
    if (priority === 'interactive' || texts.length < 2 || this.#most === 1) return [this.#leastBusy()]
    const units = countUnits(texts) + texts.length * UNITS_PER_TEXT
    if (units < SHARED_UNITS) return [this.#leastBusy()]
    if (units < STARTING_UNITS) return this.#loaded.length === 0 ? [this.#first] : this.#loaded
    while (this.#workers.length < this.#most) this.#addWorker()
    return this.#workers.filter((worker) => worker.isFirst || worker.isUsable)
  }

  /**
   * Starts a call.
   *
   * @param call - The call.
   * @param workers - Who runs it.
   */
  run(call: EncodeCall, workers: readonly PoolWorker[]): void {
    for (const worker of workers) join(call, worker)
  }

  /**
   * Finds workers for what one of them gave back.
   *
   * @param call - The call that it is part of.
   */
  rescue(call: EncodeCall): void {
    this.run(call, [...this.#loaded.filter(({ isFirst }) => !isFirst), this.#first])
  }

  /**
   * Forgets a call that has settled.
   *
   * @param call - The call.
   * @param isAnswer - Whether hosts settled it.
   */
  remove(call: EncodeCall, isAnswer: boolean): void {
    for (const part of call.workerParts) part.worker.supervisor.remove(part, isAnswer)
  }

  /**
   * Has all workers write what they keep, and adds up.
   *
   * @returns What each counts, and what is stored in all.
   */
  async stats(): Promise<EmbedderStats> {
    const extras = this.#loaded.filter(({ isFirst }) => !isFirst)
    // One that is lost takes its counts along.
    const others = await Promise.all(extras.map((worker) => statsOf(worker).catch(() => undefined)))
    const { embeddings } = await statsOf(this.#first)
    const sum = { hits: embeddings.hits, misses: embeddings.misses }
    for (const other of others) {
      sum.hits += other?.embeddings.hits ?? 0
      sum.misses += other?.embeddings.misses ?? 0
    }
    return { embeddings: { ...embeddings, ...sum } }
  }

  /**
   * Ends all workers. A second call does nothing.
   *
   * @param reason - What all work, now and later, fails with.
   * @returns When they have ended.
   */
  async dispose(reason: unknown): Promise<void> {
    await Promise.all(this.#workers.map(({ supervisor }) => supervisor.dispose(reason)))
  }

  get #first(): PoolWorker {
    return this.#workers[0] as PoolWorker
  }

  /** Those that have the model, the first one in front. */
  get #loaded(): readonly PoolWorker[] {
    return this.#workers.filter(({ supervisor, isUsable }) => supervisor.isLoaded && isUsable)
  }

  /** The engine is asked each time: a worker that took over may have another one. */
  get #most(): number {
    const { first, workers } = this.#parts
    if (first.model.engine !== 'kernels') return 1
    return workers === 'auto' ? workersFor(first.model) : workers
  }

  #leastBusy(): PoolWorker {
    return this.#loaded.reduce(
      (least, worker) => (worker.supervisor.size < least.supervisor.size ? worker : least),
      this.#first,
    )
  }

  #addWorker(): void {
    const { first } = this.#parts
    const extra = first.another((options) => ({
      ...options,
      request: requestLike(options.request, first.model),
      idleTimeoutMs: Math.min(options.idleTimeoutMs ?? IDLE_MS, IDLE_MS),
      maxAttempts: 1,
      onProgress: undefined,
      findShared: () => this.#findShared(options.limits.runMs),
    }))
    this.#workers.push(new PoolWorker(extra, first))
  }

  /** Has the first worker tell what it shares, once; where it cannot, or hangs, others load the model themselves. */
  #findShared(limitMs: number): Promise<SharedModel | undefined> {
    const { first } = this.#parts
    const { model } = first.shared
    if (model !== undefined || !first.model.probe.isCrossOriginIsolated) return Promise.resolve(model)
    this.#asking ??= askFor(first, limitMs).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }
}

/** All that the first worker chose is asked for: other kernels would give other vectors. What it has proved needs no other proof. */
function requestLike(request: LoadRequest, { dtype, runtime }: LoadedModel): LoadRequest {
  const sameBuild = (urls: KernelUrls): KernelUrls =>
    Object.fromEntries(Object.entries(urls).filter(([build]) => build === runtime))
  const kernels = sameBuild(request.kernels)
  const sharedKernels = request.sharedKernels === undefined ? undefined : sameBuild(request.sharedKernels)
  // What the first one downloaded is what the others want.
  const weights = request.cache.weights === 'reload' ? 'auto' : request.cache.weights
  const cache = { ...request.cache, weights }
  return { ...request, engine: 'kernels', device: 'wasm', dtype, kernels, sharedKernels, verify: 'off', cache }
}

async function askFor(first: WorkerSupervisor, limitMs: number): Promise<SharedModel | undefined> {
  try {
    const model = await within(callHost(first, (host) => host.share()).result, limitMs)
    if (model === undefined) return first.shared.keep(undefined)
    const witness = await takeWitness()
    return first.shared.keep({ ...model, witness: witness?.name }, witness?.release)
  } catch {
    return undefined
  }
}

function join(call: EncodeCall, worker: PoolWorker): void {
  const part = call.partOf(worker)
  if (part === undefined || part.isActive || part.hasLeft) return
  part.isActive = true
  worker.supervisor.add(part)
}

function statsOf({ supervisor }: PoolWorker): Promise<EmbedderStats> {
  return callHost(supervisor, (host) => host.stats()).result
}

/** More workers than cores would only take turns, and each takes the model's size unless weights are shared. */
function workersFor({ probe }: LoadedModel): number {
  return probe.memoryTier === 'low' ? 1 : Math.max(1, Math.min(MAX_AUTO_WORKERS, probe.hardwareConcurrency))
}
