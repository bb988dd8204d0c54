import type { FloatRows } from '@nestling/kit/math/float-rows'
import type { ScoredPair } from '@nestling/kit/math/paraphrase-pairs'
import { paraphraseMiningEmbeddings, type ParaphraseMiningOptions } from './paraphrase-mining.js'

/** Options for the texts of {@link paraphraseMining}, with the names of `encode`. */
export interface MinedTextOptions {
  /** Components to keep. */
  readonly truncateDim?: number | undefined
  /** Texts that the model gets at once. */
  readonly batchSize?: number | undefined
  /** Name of a prompt of the model. */
  readonly promptName?: string | undefined
  /** Text to put in front of each; goes before `promptName`. */
  readonly prompt?: string | undefined
}

/** What {@link paraphraseMining} needs of a model; nestling's `Embedder` is such. */
export interface MiningEmbedder {
  /** Turns texts into one row each, in their order. */
  readonly encode: (
    texts: readonly string[],
    options: MinedTextOptions & { readonly signal?: AbortSignal | undefined },
  ) => Promise<FloatRows>
}

/**
 * Finds the sentences that say nearly the same, by comparing all with all.
 *
 * @param embedder - The model.
 * @param sentences - Texts.
 * @param options - How to encode, and how many pairs. `onProgress` is told of the comparisons.
 * @returns Pairs of indices, the nearest first, each once.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is not a positive integer.
 * @see `sentence_transformers.util.paraphrase_mining`
 */
export async function paraphraseMining(
  embedder: MiningEmbedder,
  sentences: readonly string[],
  options: MinedTextOptions & ParaphraseMiningOptions = {},
): Promise<ScoredPair[]> {
  const { truncateDim, batchSize, promptName, prompt, ...mining } = options
  const texts = { truncateDim, batchSize, promptName, prompt, signal: options.signal }
  return await paraphraseMiningEmbeddings(await embedder.encode(sentences, texts), mining)
}
