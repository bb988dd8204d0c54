import type { Engine } from '../engine/engine.js'
import type { ModelSettings, PoolingChain } from '../model/encoder-spec.js'
import { chunkSteps } from '../tokenize/chunks/chunk-text.js'
import type { Tokenizer } from '../tokenize/tokenizer.js'
import { nextTask } from '@nestling/kit/calls/next-task'
import type { EncodedRows, EncodeRequest, HostEvent, Priority } from '../wire/protocol.js'
import { CacheLookups, type FoundText } from './cache-lookups.js'
import { checkRows } from './check-rows.js'
import type { VectorCache } from './vector-cache.js'
import { EncodeJob } from './encode-job.js'
import { Lane } from './lane.js'
import { PromptLengths } from './prompt-lengths.js'
import { toRunFailure } from './run-failure.js'
import { SliceClock } from './slice-clock.js'
import { TextTask, type TextPart } from './text-task.js'
import { vectorOf } from './vector-of.js'
import { toBatch } from './to-batch.js'
import { tokenizeMs } from './tokenize-all.js'

/** What a queue is made of. */
export interface EncodeQueueParts {
  readonly engine: Engine
  readonly tokenizer: Tokenizer
  readonly settings: ModelSettings
  readonly spec: PoolingChain
  /** Whether the model is a table of vectors. */
  readonly isStatic: boolean
  /** Vectors of earlier visits, where they are kept. */
  readonly cache?: VectorCache | undefined
  readonly onEvent: (event: HostEvent) => void
}

/** Tokenizing goes on for this long before messages are heard. */
const TOKENIZE_MS = 5

/** Slices that are predicted to be shorter are not told of: the page waits longer than this before it calls a host hung. */
const LONG_SLICE_MS = 500

/**
 * Runs requests in slices of about 100 ms, between which new requests, cancels and priorities are heard.
 *
 * Texts of all requests that wait share batches, and equal texts are run once. A request that fails does not touch the others.
 */
export class EncodeQueue {
  readonly #parts: EncodeQueueParts
  readonly #clock: SliceClock
  readonly #lanes: Readonly<Record<Priority, Lane>> = {
    interactive: new Lane('interactive'),
    background: new Lane('background'),
  }
  readonly #jobs = new Map<number, EncodeJob>()
  /** Texts of each job. */
  readonly #tasksOf = new Map<EncodeJob, TextTask[]>()
  readonly #tasks = new Map<string, TextTask>()
  readonly #promptLengths: PromptLengths
  readonly #lookups: CacheLookups | undefined
  #working: Promise<void> | undefined
  /** Slices that the engine runs. */
  readonly #running = new Set<Promise<void>>()
  /** When the last slice ended. */
  #endedMs = 0

  /**
   * Starts empty.
   *
   * @param parts - Engine, tokenizer and facts of one model.
   */
  constructor(parts: EncodeQueueParts) {
    this.#parts = parts
    this.#clock = new SliceClock(parts.engine.device, parts.engine.concurrency)
    this.#promptLengths = new PromptLengths(parts.spec, parts.tokenizer)
    const { cache, spec } = parts
    if (cache !== undefined) {
      this.#lookups = new CacheLookups(cache, spec.dim, (found) => {
        this.#takeFound(found)
      })
    }
  }

  /** Takes a request in. Its rows, or its failure, come as events. */
  add(request: EncodeRequest): void {
    const job = new EncodeJob(request)
    this.#jobs.set(request.id, job)
    this.#tasksOf.set(
      job,
      request.texts.map((text, index) => this.#subscribe(job, text, index)),
    )
    this.#working ??= this.#work()
  }

  /** Ends a request; nothing more is told of it. Work that others wait for goes on. */
  cancel(id: number): void {
    const job = this.#jobs.get(id)
    if (job !== undefined) this.#endJob(job)
  }

  /**
   * Ends all requests.
   *
   * @param error - What they fail with.
   * @returns When the batch that runs has ended.
   */
  async close(error: unknown): Promise<void> {
    for (const job of [...this.#jobs.values()]) this.#fail(job, error)
    await this.#working
  }

  #subscribe(job: EncodeJob, text: string, index: number): TextTask {
    const { id, prompt, priority, onTruncate, isIsolated, cacheDim } = job.request
    const group = isIsolated ? id : 0
    const isChunked = onTruncate === 'chunk'
    const key = `${group} ${isChunked ? 1 : 0} ${prompt.length} ${prompt}${text}`
    let task = this.#tasks.get(key)
    if (task === undefined) {
      task = new TextTask({ key, prompt, text, isChunked, group }, priority)
      this.#tasks.set(key, task)
      if (this.#lookups === undefined || cacheDim === undefined) this.#enqueue(task)
      else this.#lookups.add(task)
    } else if (priority === 'interactive' && task.priority === 'background') {
      task.priority = priority
      this.#enqueue(task)
    } else if (!task.isQueued && cacheDim === undefined) {
      // One who has nothing to do with the cache does not wait for it.
      this.#enqueue(task)
    }
    task.subscribe({ job, index })
    return task
  }

  #enqueue(task: TextTask): void {
    task.isQueued = true
    this.#lanes[task.priority].add(task)
  }

  async #work(): Promise<void> {
    for (;;) {
      await nextTask()
      const { interactive, background } = this.#lanes
      if (this.#lookups?.step('interactive') === true) continue
      if (await this.#step(interactive)) continue
      if (this.#lookups?.step('background') === true) continue
      // An answer of the cache would wait for a whole slice at every step on its way; it begins the work anew.
      if (this.#lookups?.isRunning !== true && (await this.#step(background))) continue
      // What comes meanwhile begins nothing of its own, so it is looked for again.
      if (await this.#waitForSlice(1)) continue
      this.#working = undefined
      return
    }
  }

  /** Gives what was found to those who wait for it; the other texts are run. */
  #takeFound(found: readonly FoundText[]): void {
    const { cache, settings, spec } = this.#parts
    const jobs = new Set<EncodeJob>()
    for (const [task, stored] of found) {
      if (!task.isWanted) continue
      // Someone may have come meanwhile who needs a longer vector.
      if (stored === undefined || stored.vector.length < Math.min(task.neededDim, spec.dim)) {
        if (!task.isQueued) this.#enqueue(task)
        continue
      }
      if (cache !== undefined) cache.hits++
      task.tokenCount = stored.tokenCount
      if (task.tokenCount > settings.maxSeqLength && !task.facts.isChunked) this.#endTooLong(task)
      this.#give(task, stored.vector, jobs)
    }
    this.#tellRows(jobs)
    this.#working ??= this.#work()
  }

  /** One slice of work; `false` when the lane is empty. */
  async #step(lane: Lane): Promise<boolean> {
    if (this.#tokenizeSome(lane)) return true
    const batch = lane.takeBatch(this.#clock.tokenBudget)
    if (batch.length === 0) return false
    const running = this.#run(batch).finally(() => this.#running.delete(running))
    this.#running.add(running)
    await this.#waitForSlice(this.#parts.engine.concurrency ?? 1)
    return true
  }

  /** Waits until fewer slices run; `false` when there is nothing to wait for. */
  async #waitForSlice(count: number): Promise<boolean> {
    if (this.#running.size < count) return false
    await Promise.race(this.#running)
    return true
  }

  /** Whether there was something to tokenize. */
  #tokenizeSome(lane: Lane): boolean {
    const endMs = performance.now() + TOKENIZE_MS
    let task = lane.takeWaiting()
    if (task === undefined) return false
    for (; task !== undefined; task = performance.now() < endMs ? lane.takeWaiting() : undefined) {
      try {
        if (this.#tokenize(task, endMs)) lane.addParts(task.parts)
        else lane.putBack(task)
      } catch (error) {
        this.#end(task, (job) => {
          this.#fail(job, error)
        })
      }
    }
    return true
  }

  /** Tokenizes a text; `false` where it is so long that cutting it has to go on later. */
  #tokenize(task: TextTask, endMs: number): boolean {
    const { settings } = this.#parts
    if (task.chunking === undefined) {
      this.#tellSlice(tokenizeMs(task.facts.text.length), [task])
      const part = this.#toPart(task, task.facts.text)
      task.tokenCount = part.encoding.tokenCount
      task.parts = [part]
      if (task.tokenCount <= settings.maxSeqLength) return true
      if (!task.facts.isChunked) {
        this.#endTooLong(task)
        return true
      }
      task.parts = []
    }
    return this.#chunk(task, endMs)
  }

  #chunk(task: TextTask, endMs: number): boolean {
    const { tokenizer, settings } = this.#parts
    const { prompt, text } = task.facts
    const options = { prompt, maxTokens: settings.maxSeqLength, overlapTokens: 0 }
    task.chunking ??= chunkSteps(tokenizer, text, options)
    do {
      const { done, value } = task.chunking.next()
      if (done !== true) continue
      task.parts = value.map(({ start, end }) => this.#toPart(task, text.slice(start, end)))
      return true
    } while (performance.now() < endMs)
    return false
  }

  #toPart(task: TextTask, text: string): TextPart {
    const { prompt } = task.facts
    const encoding = this.#parts.tokenizer.encode(prompt + text)
    return { task, encoding, skippedTokens: this.#promptLengths.of(prompt), vector: undefined }
  }

  #endTooLong(task: TextTask): void {
    for (const { job, index } of task.subscribers) {
      if (job.isOver || job.request.onTruncate !== 'error') continue
      this.#endJob(job)
      this.#parts.onEvent({ kind: 'too-long', id: job.request.id, index, tokenCount: task.tokenCount })
    }
  }

  async #run(parts: readonly TextPart[]): Promise<void> {
    const { engine, tokenizer, isStatic } = this.#parts
    const batch = toBatch(
      parts.map(({ encoding }) => encoding),
      tokenizer.paddingId,
      parts[0]?.skippedTokens ?? 0,
    )
    const tokens = batch.count * batch.seqLength
    this.#tellSlice(
      this.#clock.predictMs(tokens),
      parts.map(({ task }) => task),
    )
    const started = performance.now()
    try {
      const rows = await engine.run(batch)
      checkRows(rows, parts, engine, isStatic)
      const endedMs = performance.now()
      // A slice that was submitted early waits for the one before it.
      this.#clock.record(tokens, endedMs - Math.max(started, this.#endedMs))
      this.#endedMs = endedMs
      this.#deliver(parts, rows)
    } catch (error) {
      const failure = toRunFailure(error, engine)
      for (const { task } of parts) {
        this.#end(task, (job) => {
          this.#fail(job, failure)
        })
      }
    }
  }

  /** Tells of work that may be long, and of every slice that has a request to itself. */
  #tellSlice(predictedMs: number, tasks: readonly TextTask[]): void {
    const isIsolated = tasks[0]?.facts.group !== 0
    if (predictedMs < LONG_SLICE_MS && !isIsolated) return
    const ids = new Set(tasks.flatMap(({ subscribers }) => subscribers.map(({ job }) => job.request.id)))
    this.#parts.onEvent({ kind: 'slice', predictedMs, ids: [...ids] })
  }

  #deliver(parts: readonly TextPart[], rows: Float32Array): void {
    const { spec, cache } = this.#parts
    const jobs = new Set<EncodeJob>()
    parts.forEach((part, row) => {
      const { task } = part
      part.vector = rows.subarray(row * spec.dim, (row + 1) * spec.dim)
      const vector = vectorOf(task.parts, spec)
      if (vector === undefined) return
      if (!task.isOver) cache?.put(task, vector)
      this.#give(task, vector, jobs)
    })
    this.#tellRows(jobs)
  }

  #give(task: TextTask, vector: Float32Array, jobs: Set<EncodeJob>): void {
    this.#end(task, (job, index) => {
      job.put(index, vector, task.tokenCount)
      jobs.add(job)
      if (job.isOver) this.#endJob(job)
    })
  }

  #tellRows(jobs: ReadonlySet<EncodeJob>): void {
    const done: EncodedRows[] = [...jobs].map((job) => job.takeRows(this.#parts.spec.dim))
    if (done.length > 0) this.#parts.onEvent({ kind: 'rows', rows: done })
  }

  /** Ends a text and tells those who still wait for it. */
  #end(task: TextTask, tell: (job: EncodeJob, index: number) => void): void {
    // The cache may have answered while it ran.
    if (task.isOver) return
    this.#drop(task)
    for (const { job, index } of task.subscribers) {
      if (!job.isOver) tell(job, index)
    }
  }

  #fail(job: EncodeJob, error: unknown): void {
    this.#endJob(job)
    this.#parts.onEvent({ kind: 'failed', id: job.request.id, error })
  }

  /** Ends a request, and its texts unless others wait for them too. */
  #endJob(job: EncodeJob): void {
    job.isOver = true
    this.#jobs.delete(job.request.id)
    const tasks = this.#tasksOf.get(job) ?? []
    this.#tasksOf.delete(job)
    for (const task of tasks) {
      if (!task.isWanted) this.#drop(task)
    }
  }

  /** Forgets a text; an equal one that comes later is a new one, also while this one still runs. */
  #drop(task: TextTask): void {
    task.isOver = true
    const { key } = task.facts
    if (this.#tasks.get(key) === task) this.#tasks.delete(key)
  }
}
