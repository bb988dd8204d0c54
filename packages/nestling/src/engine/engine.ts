import type { Device, Dtype, EngineName, RuntimeName } from '../wire/protocol.js'
import type { SharedWeights } from './kernels/shared-weights.js'

/** Token ids of a few texts, padded to one length, and what to do with their vectors. */
export interface EncoderBatch {
  /** Number of texts. */
  readonly count: number
  /** Tokens of the longest text. */
  readonly seqLength: number
  /** `[count, seqLength]`, row-major, padded on the right. */
  readonly ids: Int32Array
  /** Tokens of each text without padding. */
  readonly lengths: Int32Array
  /** Leading tokens that pooling leaves out (a prompt with `include_prompt: false`). */
  readonly skippedTokens: number
}

/** Runs one encoder. Calls must follow one another, unless {@link Engine.concurrency} says that some may overlap. */
export interface Engine {
  readonly name: EngineName
  readonly device: Device
  readonly runtime: RuntimeName
  readonly dtype: Dtype
  /** Threads that compute on the CPU. */
  readonly threads: number
  /** How products are cut, where the engine found out what suits the GPU. */
  readonly tile?: string | undefined
  /** Batches that may be in flight; 1 when left out. */
  readonly concurrency?: number | undefined
  /** Its weights, where engines of other workers may use them. */
  readonly shared?: SharedWeights | undefined
  /**
   * Computes the vectors of a batch.
   *
   * @returns `[count, dim]`, row-major: what the model's last module gives, before anything is cut or scaled.
   * @throws {EmbedderError} `device-lost` or `run-failed`.
   */
  run(batch: EncoderBatch): Promise<Float32Array<ArrayBuffer>>
  /** Releases session and device; calls after it reject. */
  dispose(): Promise<void>
}
