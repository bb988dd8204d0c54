import type { Engine } from '../engine/engine.js'
import { normalizeRows, truncateRows } from '../math/rows.js'
import type { ModelSettings, PoolingChain } from '../model/encoder-spec.js'
import type { Encoding, Tokenizer } from '../tokenize/tokenizer.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { EncodeRequest, EncodeResult } from '../wire/protocol.js'
import { tokenizeAll } from './tokenize-all.js'
import { planBatches, type BatchLimits } from './batch-plan.js'
import { toBatch } from './to-batch.js'

/** What an encoder is made of. */
export interface EncoderParts {
  readonly spec: PoolingChain
  readonly settings: ModelSettings
  readonly tokenizer: Tokenizer
  readonly engine: Engine
}

/** Lets a caller watch and end a run. */
export interface EncodeHooks {
  /** Called between slices of work; may throw to end the run. */
  readonly pause: () => Promise<void>
  /** Told how many texts are done. */
  readonly onDone: (count: number) => void
}

/**
 * Tokens of one batch. On WASM 512 tokens of MiniLM take about a third of a second, and larger batches run no faster; a GPU needs
 * more to be busy.
 */
const TOKEN_BUDGET = { wasm: 512, webgpu: 8192 } as const

/** Turns texts into vectors: tokenize, plan batches, run, put back in order. */
export class Encoder {
  readonly #parts: EncoderParts

  /**
   * Joins the parts.
   *
   * @param parts - Spec, settings, tokenizer and engine of one model.
   */
  constructor(parts: EncoderParts) {
    this.#parts = parts
  }

  /**
   * Encodes texts.
   *
   * @param request - Texts and options.
   * @param hooks - Pauses and progress.
   * @returns Vectors in the order of the texts.
   * @throws {EmbedderError} `run-failed` or `device-lost` from the engine; what `hooks.pause` throws.
   */
  async encode(request: EncodeRequest, hooks: EncodeHooks): Promise<EncodeResult> {
    const { engine, spec, settings, tokenizer } = this.#parts
    const encodings = await tokenizeAll(tokenizer, request.texts, request.prompt, hooks.pause)
    const dim = Math.min(request.truncateDim ?? spec.dim, spec.dim)
    const data = new Float32Array(request.texts.length * dim)
    const limits: BatchLimits = { batchSize: request.batchSize, tokenBudget: TOKEN_BUDGET[engine.device] }
    const plan = planBatches(
      encodings.map(({ ids }) => ids.length),
      limits,
    )
    const skippedTokens = this.#skippedTokens(request.prompt)
    let done = 0
    for (const indices of plan) {
      await hooks.pause()
      const batch = toBatch(
        indices.map((index) => encodings[index] as Encoding),
        tokenizer.paddingId,
        skippedTokens,
      )
      const rows = await engine.run(batch)
      checkFinite(rows, engine)
      const cut = truncateRows(rows, spec.dim, dim)
      const vectors = request.normalize ? normalizeRows(cut, dim) : cut
      indices.forEach((index, row) => {
        data.set(vectors.subarray(row * dim, (row + 1) * dim), index * dim)
      })
      done += indices.length
      hooks.onDone(done)
    }
    const truncatedCount = encodings.filter(({ tokenCount }) => tokenCount > settings.maxSeqLength).length
    return { data, dim, truncatedCount }
  }

  /** @see `sentence_transformers.base.modules.transformer.Transformer._get_prompt_length` */
  #skippedTokens(prompt: string): number {
    const { spec, tokenizer } = this.#parts
    if (prompt === '' || spec.pooling.includePrompt) return 0
    return tokenizer.encode(prompt).ids.length - (tokenizer.hasSuffix ? 1 : 0)
  }
}

/** Broken drivers answer with NaN; a caller must never take that for a vector. */
function checkFinite(vectors: Float32Array, engine: Engine): void {
  if (vectors.every(Number.isFinite)) return
  throw new EmbedderError(
    'run-failed',
    `Cannot encode as ${engine.device} gave numbers that are not finite\nLoad the model with device: 'wasm'`,
    { details: { device: engine.device, runtime: engine.runtime } },
  )
}
