/** Names of the graph's inputs and outputs; `feeds.ts` fills the inputs. */
export const GRAPH = {
  /** int32 `[batch * seq]` */
  inputIds: 'input_ids',
  /** int32 `[batch * seq]` */
  positionIds: 'position_ids',
  /** float `[batch, 1, 1, seq]`: 0 for a token, a large negative number for padding. */
  keyBias: 'key_bias',
  /** float `[1, 1, seq, seq]`, one a mask, followed by its number; `[1, 1, seq, 1]` of zeros for a mask that hides nothing. */
  queryBias: 'query_bias_',
  /** int32 `[1, seq, seq]`: row of the table of scores by distance. */
  distanceBuckets: 'distance_buckets',
  /** float `[seq, headDim / 2]`, one a rotary, followed by its number. */
  rotaryCos: 'rotary_cos_',
  /** As `rotaryCos`. */
  rotarySin: 'rotary_sin_',
  /** int64 `[3]`: batch, seq, -1. */
  batchShape: 'batch_shape',
  /** float `[batch, 1, seq]`, one a pooling mode that is a weighted sum, followed by its number. */
  poolWeights: 'pool_weights_',
  /** float `[batch, seq, 1]`: 0 for a token, a large negative number for the others. */
  maxBias: 'max_bias',
  /** float `[batch, dim]` */
  embeddings: 'embeddings',
} as const
