import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'

/** How numbers of a weight are stored. */
export type WeightDtype = 'F32' | 'F16' | 'BF16' | 'I8'

/** Points at one weight in a file of the model folder. */
export interface WeightRef {
  /** Name of the tensor, for messages and for the names in a graph. */
  readonly name: string
  /** Path of the safetensors file in the folder. */
  readonly file: string
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly byteLength: number
  readonly shape: readonly number[]
  readonly dtype: WeightDtype
  /** One float32 factor a row, for `I8`: value = factor * integer. */
  readonly scale?: WeightRef
}

/** y = x * transpose(weight) + bias; weight is `[out, in]` as PyTorch stores it. */
export interface LinearSpec {
  readonly weight: WeightRef
  readonly bias?: WeightRef
}

/** Normalisation over the last axis. */
export interface NormSpec {
  /** `layer` subtracts the mean and divides by the deviation, `rms` divides by the root of the mean square. */
  readonly kind: 'layer' | 'rms'
  readonly weight: WeightRef
  readonly bias?: WeightRef
  readonly epsilon: number
  /** The weight is stored less 1, as Gemma does. */
  readonly isWeightShifted?: boolean
}

/** Activation functions by their meaning, not by the many names that configs give them. */
export type Activation = 'identity' | 'gelu' | 'gelu-tanh' | 'quick-gelu' | 'relu' | 'silu' | 'tanh' | 'sigmoid'

/** What turns token ids into the first hidden states: a sum, then a norm, then a projection. */
export interface EmbeddingsSpec {
  /** `[vocabulary, width]`; the width is the hidden size unless there is a projection. */
  readonly word: WeightRef
  /** Multiplies the word's row. */
  readonly wordScale?: number
  readonly position?: PositionSpec
  /** Row 0 of the token type table is added to every token: one text has one type. */
  readonly tokenType?: WeightRef
  readonly norm?: NormSpec
  readonly projection?: LinearSpec
}

/** Learned positions. */
export interface PositionSpec {
  /** `[positions, width]`. */
  readonly weight: WeightRef
  /**
   * `sequential`: the first token has position 0. `after-padding-id`: tokens are counted from `paddingId + 1`, and a token whose
   * id is `paddingId` stays at `paddingId` and is not counted, wherever it stands.
   */
  readonly numbering: 'sequential' | 'after-padding-id'
  readonly paddingId: number
}

/**
 * Learned scores by distance, added in every layer.
 *
 * @see `transformers.models.t5.modeling_t5.T5Attention._relative_position_bucket`
 */
export interface RelativeBiasSpec {
  /** `[rows, heads]`. */
  readonly table: WeightRef
  /** Rows in use; half of them for each direction. */
  readonly buckets: number
  readonly maxDistance: number
}

/** Rotary positions: pairs (i, i + headDim / 2) are turned by position * inverseFrequencies[i]. */
export interface RotarySpec {
  readonly inverseFrequencies: readonly number[]
  /** Multiplies cosines and sines; 1 when left out. */
  readonly attentionFactor?: number
  /** Tokens up to which the frequencies hold; any number when left out. */
  readonly maxPositions?: number
}

/** Which tokens a token may look at, padding aside. */
export interface MaskSpec {
  /** Only itself and those before. */
  readonly isCausal: boolean
  /** Only those at most this far; all when left out. */
  readonly maxDistance?: number
}

/** Norms around one half of a layer: x + result(f(input(x))), then output. */
export interface HalfLayerNorms {
  readonly inputNorm?: NormSpec
  readonly resultNorm?: NormSpec
  readonly outputNorm?: NormSpec
}

/** Attention of one layer. */
export interface AttentionSpec extends HalfLayerNorms {
  readonly heads: number
  /** Heads of keys and values; each serves `heads / keyValueHeads` heads. */
  readonly keyValueHeads: number
  readonly headDim: number
  /** Multiplies query times key. */
  readonly scale: number
  readonly query: LinearSpec
  readonly key: LinearSpec
  readonly value: LinearSpec
  readonly output: LinearSpec
  /** Norms of each head's query and key, before they are turned. */
  readonly queryNorm?: NormSpec
  readonly keyNorm?: NormSpec
  /** Index into `EncoderSpec.rotaries`. */
  readonly rotary?: number
  /** Index into `EncoderSpec.masks`. */
  readonly mask: number
}

/** down(activation(gate(x)) * up(x)), or down(activation(up(x))) without a gate. */
export interface FeedForwardSpec extends HalfLayerNorms {
  readonly gate?: LinearSpec
  readonly up: LinearSpec
  readonly activation: Activation
  readonly down: LinearSpec
}

/** One transformer layer. */
export interface LayerSpec {
  readonly attention: AttentionSpec
  readonly feedForward: FeedForwardSpec
}

/** Pooling modes by their names in sentence-transformers. */
export type PoolingMode = 'cls' | 'max' | 'mean' | 'mean_sqrt_len_tokens' | 'weightedmean' | 'lasttoken'

/** What follows pooling, in the folder's order. */
export type TailSpec =
  | {
      readonly kind: 'dense'
      readonly linear: LinearSpec
      readonly activation: Activation
      readonly outDim: number
      /** What is added to the result: the input itself, or a projection of it. */
      readonly residual?: 'input' | LinearSpec
    }
  | { readonly kind: 'layer-norm'; readonly norm: NormSpec }
  | { readonly kind: 'normalize' }

/** What turns hidden states into a vector: all that is known of a model whose network an ONNX file holds. */
export interface PoolingChain {
  readonly pooling: { readonly modes: readonly PoolingMode[]; readonly includePrompt: boolean }
  readonly tail: readonly TailSpec[]
  /** Length of a vector. */
  readonly dim: number
}

/** The part of an encoder before pooling: what an architecture describes. */
export interface TransformerSpec {
  readonly hiddenSize: number
  readonly vocabSize: number
  readonly embeddings: EmbeddingsSpec
  readonly relativeBias?: RelativeBiasSpec
  readonly rotaries: readonly RotarySpec[]
  readonly masks: readonly MaskSpec[]
  readonly layers: readonly LayerSpec[]
  readonly finalNorm?: NormSpec
}

/** Describes a whole text encoder, free of any engine: an architecture fills it, an engine reads it. */
export interface EncoderSpec extends TransformerSpec, PoolingChain {
  /** `model_type` of its config. */
  readonly architecture: string
}

/** What a folder says beside its network. */
export interface ModelSettings {
  /** Tokens of a text that are used, special tokens included. */
  readonly maxSeqLength: number
  readonly doLowerCase: boolean
  /** Whether the tokenizer's special tokens go around each text. */
  readonly addSpecialTokens: boolean
  readonly similarityFunction: SimilarityFunction
  readonly prompts: Readonly<Record<string, string>>
  readonly defaultPromptName: string | null
  readonly truncateDim: number | undefined
}
