import type { Engine } from '../engine/engine.js'
import type { ModelSettings, PoolingChain } from '../model/encoder-spec.js'
import type { Tokenizer } from '../tokenize/tokenizer.js'
import { nextTask } from '../wire/next-task.js'
import type { EncodedRows, EncodeRequest, HostEvent, Priority } from '../wire/protocol.js'
import { checkRows } from './check-rows.js'
import { EncodeJob } from './encode-job.js'
import { Lane } from './lane.js'
import { PromptLengths } from './prompt-lengths.js'
import { SliceClock } from './slice-clock.js'
import { TextTask, type TextPart } from './text-task.js'
import { vectorOf } from './vector-of.js'
import { toBatch } from './to-batch.js'

/** What a queue is made of. */
export interface EncodeQueueParts {
  readonly engine: Engine
  readonly tokenizer: Tokenizer
  readonly settings: ModelSettings
  readonly spec: PoolingChain
  /** Whether the model is a table of vectors. */
  readonly isStatic: boolean
  readonly onEvent: (event: HostEvent) => void
}

/** Tokenizing goes on for this long before messages are heard. */
const TOKENIZE_MS = 5

/** A text is long when tokenizing it may take this long; the page is told before. */
const LONG_TEXT_MS = 500
/** The slowest tokenizer that was measured. */
const CHARACTERS_PER_MS = 200

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
  #working: Promise<void> | undefined

  /**
   * Starts empty.
   *
   * @param parts - Engine, tokenizer and facts of one model.
   */
  constructor(parts: EncodeQueueParts) {
    this.#parts = parts
    this.#clock = new SliceClock(parts.engine.device)
    this.#promptLengths = new PromptLengths(parts.spec, parts.tokenizer)
  }

  /**
   * Takes a request in. Its rows, or its failure, come as events.
   *
   * @param request - The request.
   */
  add(request: EncodeRequest): void {
    const job = new EncodeJob(request)
    this.#jobs.set(request.id, job)
    this.#tasksOf.set(
      job,
      request.texts.map((text, index) => this.#subscribe(job, text, index)),
    )
    this.#working ??= this.#work()
  }

  /**
   * Ends a request; nothing more is told of it. Work that others wait for goes on.
   *
   * @param id - The request.
   */
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
    const { id, prompt, priority, onTruncate, isIsolated } = job.request
    const group = isIsolated ? id : 0
    const isChunked = onTruncate === 'chunk'
    const key = `${group} ${isChunked ? 1 : 0} ${prompt.length} ${prompt}${text}`
    let task = this.#tasks.get(key)
    if (task === undefined) {
      task = new TextTask({ key, prompt, text, isChunked, group }, priority)
      this.#tasks.set(key, task)
      this.#lanes[priority].add(task)
    } else if (priority === 'interactive' && task.priority === 'background') {
      task.priority = priority
      this.#lanes[priority].add(task)
    }
    task.subscribe({ job, index })
    return task
  }

  async #work(): Promise<void> {
    for (;;) {
      await nextTask()
      const { interactive, background } = this.#lanes
      if (await this.#step(interactive)) continue
      if (await this.#step(background)) continue
      this.#working = undefined
      return
    }
  }

  /** One slice of work; `false` when the lane is empty. */
  async #step(lane: Lane): Promise<boolean> {
    if (this.#tokenizeSome(lane)) return true
    const batch = lane.takeBatch(this.#clock.tokenBudget)
    if (batch.length === 0) return false
    await this.#run(batch)
    return true
  }

  /** Whether there was something to tokenize. */
  #tokenizeSome(lane: Lane): boolean {
    const end = performance.now() + TOKENIZE_MS
    let task = lane.takeWaiting()
    if (task === undefined) return false
    for (; task !== undefined; task = performance.now() < end ? lane.takeWaiting() : undefined) {
      try {
        this.#tokenize(task)
        lane.addParts(task.parts)
      } catch (error) {
        this.#end(task, (job) => {
          this.#fail(job, error)
        })
      }
    }
    return true
  }

  #tokenize(task: TextTask): void {
    const { tokenizer, settings } = this.#parts
    const { prompt, text } = task.facts
    this.#tellSlice(text.length / CHARACTERS_PER_MS, LONG_TEXT_MS, [task])
    const encoding = tokenizer.encode(prompt + text)
    task.tokenCount = encoding.tokenCount
    task.parts = [{ task, encoding, skippedTokens: this.#promptLengths.of(prompt), vector: undefined }]
    if (task.tokenCount <= settings.maxSeqLength) return
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
      LONG_SLICE_MS,
      parts.map(({ task }) => task),
    )
    const started = performance.now()
    try {
      const rows = await engine.run(batch)
      checkRows(rows, parts, engine, isStatic)
      this.#clock.record(tokens, performance.now() - started)
      this.#deliver(parts, rows)
    } catch (error) {
      for (const { task } of parts) {
        this.#end(task, (job) => {
          this.#fail(job, error)
        })
      }
    }
  }

  /** Tells of work that may be long, and of every slice that has a request to itself. */
  #tellSlice(predictedMs: number, longMs: number, tasks: readonly TextTask[]): void {
    const isIsolated = tasks[0]?.facts.group !== 0
    if (predictedMs < longMs && !isIsolated) return
    const ids = new Set(tasks.flatMap(({ subscribers }) => subscribers.map(({ job }) => job.request.id)))
    this.#parts.onEvent({ kind: 'slice', predictedMs, ids: [...ids] })
  }

  #deliver(parts: readonly TextPart[], rows: Float32Array): void {
    const { spec } = this.#parts
    const jobs = new Set<EncodeJob>()
    parts.forEach((part, row) => {
      const { task } = part
      part.vector = rows.subarray(row * spec.dim, (row + 1) * spec.dim)
      const vector = vectorOf(task.parts, spec)
      if (vector === undefined) return
      this.#end(task, (job, index) => {
        job.put(index, vector, task.tokenCount)
        jobs.add(job)
        if (job.isOver) this.#endJob(job)
      })
    })
    const done: EncodedRows[] = [...jobs].map((job) => job.takeRows(spec.dim))
    if (done.length > 0) this.#parts.onEvent({ kind: 'rows', rows: done })
  }

  /** Ends a text and tells those who still wait for it. */
  #end(task: TextTask, tell: (job: EncodeJob, index: number) => void): void {
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
