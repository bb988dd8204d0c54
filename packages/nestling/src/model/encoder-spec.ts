import type { SimilarityFunction } from '../math/similarity.js'

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
  readonly dtype: 'F32' | 'I8'
  /** One float32 factor a row, for `I8`: value = factor * integer. */
  readonly scale?: WeightRef
}

/** y = x * transpose(weight) + bias; weight is `[out, in]` as PyTorch stores it. */
export interface LinearSpec {
  readonly weight: WeightRef
  readonly bias?: WeightRef
}

/** Layer normalisation over the last axis. */
export interface NormSpec {
  readonly weight: WeightRef
  readonly bias: WeightRef
  readonly epsilon: number
}

/** Activation functions by their meaning, not by the many names that configs give them. */
export type Activation = 'identity' | 'gelu' | 'gelu-tanh' | 'relu' | 'silu' | 'tanh' | 'sigmoid'

/** What turns token ids into the first hidden states. */
export interface EmbeddingsSpec {
  /** `[vocabulary, hidden]`. */
  readonly word: WeightRef
  readonly position: {
    /** `[positions, hidden]`. */
    readonly weight: WeightRef
    /**
     * `sequential`: the first token has position 0. `after-padding-id`: tokens are counted from `paddingId + 1`, and a token whose
     * id is `paddingId` stays at `paddingId` and is not counted, wherever it stands.
     */
    readonly numbering: 'sequential' | 'after-padding-id'
    readonly paddingId: number
  }
  /** Row 0 of the token type table is added to every token: one text has one type. */
  readonly tokenType: WeightRef
  readonly norm: NormSpec
}

/** One transformer layer, normalised after each half. */
export interface LayerSpec {
  readonly attention: {
    readonly heads: number
    readonly query: LinearSpec
    readonly key: LinearSpec
    readonly value: LinearSpec
    readonly output: LinearSpec
    readonly norm: NormSpec
  }
  readonly feedForward: {
    readonly up: LinearSpec
    readonly activation: Activation
    readonly down: LinearSpec
    readonly norm: NormSpec
  }
}

/** Pooling modes by their names in sentence-transformers. */
export type PoolingMode = 'cls' | 'max' | 'mean' | 'mean_sqrt_len_tokens' | 'weightedmean' | 'lasttoken'

/** What follows pooling, in the folder's order. */
export type TailSpec =
  | { readonly kind: 'dense'; readonly linear: LinearSpec; readonly activation: Activation; readonly outDim: number }
  | { readonly kind: 'normalize' }

/** What turns hidden states into a vector: all that is known of a model whose network an ONNX file holds. */
export interface PoolingChain {
  readonly pooling: { readonly modes: readonly PoolingMode[]; readonly includePrompt: boolean }
  readonly tail: readonly TailSpec[]
  /** Length of a vector. */
  readonly dim: number
}

/** Describes a whole text encoder, free of any engine: an architecture fills it, an engine reads it. */
export interface EncoderSpec extends PoolingChain {
  /** `model_type` of its config. */
  readonly architecture: string
  readonly hiddenSize: number
  readonly vocabSize: number
  readonly embeddings: EmbeddingsSpec
  readonly layers: readonly LayerSpec[]
}

/** What a folder says beside its network. */
export interface ModelSettings {
  /** Tokens of a text that are used, special tokens included. */
  readonly maxSeqLength: number
  readonly doLowerCase: boolean
  readonly similarityFunction: SimilarityFunction
  readonly prompts: Readonly<Record<string, string>>
  readonly defaultPromptName: string | null
  readonly truncateDim: number | undefined
}
