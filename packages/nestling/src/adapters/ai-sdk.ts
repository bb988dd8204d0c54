import type { EmbeddingModelV3, EmbeddingModelV3CallOptions, EmbeddingModelV3Result } from '@ai-sdk/provider'
import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { toNumberRows, type AdaptableEmbedder } from './adaptable-embedder.js'

export type { AdapterEncodeOptions, EncodedTexts, AdaptableEmbedder } from './adaptable-embedder.js'

/** What texts are for; it decides which of the model's prompts is used. */
export type TextRole = 'query' | 'document'

/** What may also be said of one call, as `providerOptions.nestling`. */
export interface EmbedCallOptions {
  /**
   * What the texts are for.
   *
   * @defaultValue 'document'
   */
  readonly role?: TextRole | undefined
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

/** Options of {@link createEmbeddingModel}. */
export interface EmbeddingModelOptions extends EmbedCallOptions {
  /**
   * Name of the model in the SDK's logs and telemetry.
   *
   * @defaultValue 'nestling'
   */
  readonly modelId?: string | undefined
}

const KNOWN_KEYS: KnownKeys<EmbedCallOptions> = { role: true, truncateDim: true, normalize: true }
const WHAT = 'create an embedding model for the AI SDK'

/** Key of our part of `providerOptions`, and our name. */
const PROVIDER = 'nestling'

/**
 * Gives the Vercel AI SDK an embedding model of the interface's version 3 (AI SDK 6; later ones take it too). The embedder stays the
 * caller's to dispose of.
 *
 * @param embedder - What `load` gave.
 * @param options - Options; all but `modelId` may also be given for one call, as `providerOptions: { nestling: { role: 'query' } }`.
 * @returns A model for `embed` and `embedMany`.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is out of range.
 */
export function createEmbeddingModel(
  embedder: AdaptableEmbedder,
  options: EmbeddingModelOptions = {},
): EmbeddingModelV3 {
  checkKeys(WHAT, options, { ...KNOWN_KEYS, modelId: true } satisfies KnownKeys<EmbeddingModelOptions>)
  const { modelId, ...defaults } = options
  resolveCallOptions(defaults)
  return {
    specificationVersion: 'v3',
    provider: PROVIDER,
    modelId: checkType(WHAT, 'modelId', modelId, 'string') ?? PROVIDER,
    // The embedder cuts lists into batches itself.
    maxEmbeddingsPerCall: Infinity,
    supportsParallelCalls: true,
    doEmbed: (call) => doEmbed(embedder, call, defaults),
  }
}

async function doEmbed(
  embedder: AdaptableEmbedder,
  { values, abortSignal, providerOptions }: EmbeddingModelV3CallOptions,
  defaults: EmbedCallOptions,
): Promise<EmbeddingModelV3Result> {
  const { role, ...options } = resolveCallOptions({ ...defaults, ...providerOptions?.[PROVIDER] })
  const encode = role === 'query' ? embedder.encodeQuery : embedder.encodeDocument
  const embeddings = await encode.call(embedder, values, { ...options, signal: abortSignal })
  const tokens = embeddings.tokens?.tokenCounts.reduce((sum, count) => sum + count, 0)
  return {
    embeddings: toNumberRows(embeddings),
    ...(tokens === undefined ? {} : { usage: { tokens } }),
    warnings: [],
  }
}

function resolveCallOptions(options: EmbedCallOptions): EmbedCallOptions {
  checkKeys(WHAT, options, KNOWN_KEYS)
  return {
    role: checkOneOf(WHAT, 'role', options.role, ['document', 'query']) ?? 'document',
    truncateDim: checkPositiveInteger(WHAT, 'truncateDim', options.truncateDim),
    normalize: checkType(WHAT, 'normalize', options.normalize, 'boolean'),
  }
}
