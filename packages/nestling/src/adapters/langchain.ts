import type { EmbeddingsInterface } from '@langchain/core/embeddings'
import { checkKeys, checkPositiveInteger, checkType, type KnownKeys } from '@nestling/kit/options/check-options'
import { toNumberRows, type AdaptableEmbedder } from './adaptable-embedder.js'

export type { AdapterEncodeOptions, EncodedTexts, AdaptableEmbedder } from './adaptable-embedder.js'

/** Options of {@link NestlingEmbeddings}. */
export interface NestlingEmbeddingsOptions {
  /**
   * Components to keep of every vector.
   *
   * @defaultValue that of the embedder
   */
  readonly truncateDim?: number | undefined
  /**
   * Scales each vector to length 1, after truncation.
   *
   * @defaultValue false
   */
  readonly normalize?: boolean | undefined
}

const KNOWN_KEYS: KnownKeys<NestlingEmbeddingsOptions> = { truncateDim: true, normalize: true }
const WHAT = 'create embeddings for LangChain'

/**
 * Gives LangChain the embeddings of an embedder, which stays the caller's to dispose of.
 *
 * It implements LangChain's interface and inherits nothing: retries and limits of concurrency, which the base class brings for calls over a
 * network, are the embedder's own, and LangChain is not loaded by this module.
 */
export class NestlingEmbeddings implements EmbeddingsInterface {
  readonly #embedder: AdaptableEmbedder
  readonly #options: NestlingEmbeddingsOptions

  /**
   * Takes an embedder.
   *
   * @param embedder - What `load` gave.
   * @param options - See {@link NestlingEmbeddingsOptions}.
   */
  constructor(embedder: AdaptableEmbedder, options: NestlingEmbeddingsOptions = {}) {
    checkKeys(WHAT, options, KNOWN_KEYS)
    this.#embedder = embedder
    this.#options = {
      truncateDim: checkPositiveInteger(WHAT, 'truncateDim', options.truncateDim),
      normalize: checkType(WHAT, 'normalize', options.normalize, 'boolean'),
    }
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /**
   * Encodes documents, with the model's prompt for documents.
   *
   * @param documents - Texts.
   * @returns One vector a text.
   */
  async embedDocuments(documents: string[]): Promise<number[][]> {
    return toNumberRows(await this.#embedder.encodeDocument(documents, this.#options))
  }

  /**
   * Encodes a query, with the model's prompt for queries.
   *
   * @param document - What is looked for.
   * @returns Its vector.
   */
  async embedQuery(document: string): Promise<number[]> {
    const [vector = []] = toNumberRows(await this.#embedder.encodeQuery([document], this.#options))
    return vector
  }
}
