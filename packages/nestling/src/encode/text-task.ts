import type { ChunkSteps } from '../tokenize/chunks/chunk-text.js'
import type { Encoding } from '../tokenize/tokenizer.js'
import type { Priority } from '../wire/protocol.js'
import type { EncodeJob } from './encode-job.js'

/** A job that waits for a text, and where in the job the text stands. */
export interface Subscriber {
  readonly job: EncodeJob
  readonly index: number
}

/** Says which texts have one vector, and how they are run. */
export interface TextTaskFacts {
  /** Equal texts have equal keys. */
  readonly key: string
  readonly prompt: string
  readonly text: string
  /** Whether a text that is too long is cut into chunks, instead of cut off. */
  readonly isChunked: boolean
  /** Texts of different groups never share a batch. */
  readonly group: number
}

/** One text that waits for its vector; equal texts of all jobs share one. */
export class TextTask {
  /** What it is. */
  readonly facts: TextTaskFacts
  /** Who waits for it. */
  readonly subscribers: Subscriber[] = []
  /** The lane that runs it; an interactive job pulls a text out of the background. */
  priority: Priority
  /** Most texts of a batch with this one. */
  batchSize: number = Infinity
  /** Tokens before anything was cut, once they were counted. */
  tokenCount = 0
  /** Cutting a long text, while that is under way. */
  chunking: ChunkSteps | undefined
  /** What runs: one part, or the chunks of a long text. */
  parts: readonly TextPart[] = []
  /** Components that are kept of its vector between visits; 0 where none are. */
  cacheDim = 0
  /** Components that those who wait want, at most; the vector may have fewer. */
  neededDim = 0
  /** Digest of the text, once the cache was asked for it. */
  digest: string | undefined
  /** Whether a lane has it; until then the cache is asked. */
  isQueued = false
  /** Whether it is done, failed or forgotten. */
  isOver = false

  /**
   * Starts without subscribers.
   *
   * @param priority - The lane that runs it.
   */
  constructor(facts: TextTaskFacts, priority: Priority) {
    this.facts = facts
    this.priority = priority
  }

  /** Whether anyone still waits for it. */
  get isWanted(): boolean {
    return !this.isOver && this.subscribers.some(({ job }) => !job.isOver)
  }

  /**
   * Adds one who waits.
   *
   * @param subscriber - The job and the place in it.
   */
  subscribe(subscriber: Subscriber): void {
    this.subscribers.push(subscriber)
    const { batchSize, cacheDim = 0, truncateDim = Infinity } = subscriber.job.request
    this.batchSize = Math.min(this.batchSize, batchSize)
    this.cacheDim = Math.max(this.cacheDim, cacheDim)
    this.neededDim = Math.max(this.neededDim, truncateDim)
  }
}

/** A text, or a chunk of one, in tokens. */
export interface TextPart {
  readonly task: TextTask
  readonly encoding: Encoding
  /** Leading tokens that pooling leaves out. */
  readonly skippedTokens: number
  /** Its vector, once it ran. */
  vector: Float32Array | undefined
}
