import type { ConfigReader } from '../config-reader.js'
import type { EmbeddingsSpec, LayerSpec } from '../encoder-spec.js'
import type { WeightFile } from '../weight-file.js'

/** The part of an encoder that an architecture describes: everything before pooling. */
export interface TransformerSpec {
  readonly hiddenSize: number
  readonly vocabSize: number
  /** Positions that the model has for tokens; `max_seq_length` is never more. */
  readonly maxPositions: number
  readonly embeddings: EmbeddingsSpec
  readonly layers: readonly LayerSpec[]
}

/** One family of models: how its config and weight names become a spec. */
export interface Architecture {
  /** A weight that every file of the family has; finds the prefix of the others. */
  readonly anchor: string
  /** Fills the spec. */
  readonly describe: (config: ConfigReader, weights: WeightFile) => TransformerSpec
}
