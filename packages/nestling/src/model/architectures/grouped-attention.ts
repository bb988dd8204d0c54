import type { ConfigReader } from '../configs/config-reader.js'
import type { AttentionSpec, NormSpec } from '../encoder-spec.js'
import type { WeightFinder } from '../weights/weight-finder.js'
import { LIMITS, linearOf } from './architecture.js'
import { headDimOf } from './head-dim.js'

/** Sizes of attention whose heads share keys and values in groups. */
export interface GroupedHeads {
  readonly hidden: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headDim: number
}

/**
 * Reads the sizes of grouped attention.
 *
 * @param config - `config.json`.
 * @throws {EmbedderError} `model-invalid` if a value is out of range or the heads do not divide.
 */
export function groupedHeadsOf(config: ConfigReader): GroupedHeads {
  const hidden = config.integer('hidden_size', LIMITS.hidden)
  const heads = config.integer('num_attention_heads', LIMITS.heads)
  const keyValueHeads = config.integer('num_key_value_heads', { min: 1, max: heads }, heads)
  headDimOf(config, heads, keyValueHeads)
  const headDim = config.has('head_dim')
    ? config.integer('head_dim', { min: 2, max: 4096 })
    : headDimOf(config, hidden, heads)
  return { hidden, heads, keyValueHeads, headDim }
}

/**
 * Reads the projections and head norms of grouped attention under the names that Qwen and Gemma share.
 *
 * @param config - `config.json`.
 * @param prefix - `layers.N.self_attn`.
 * @param norm - Makes a norm of the family's kind.
 * @returns The parts that do not depend on the layer's kind.
 * @throws {EmbedderError} `weights-missing` or `model-invalid` if they are not there in that shape.
 */
export function groupedAttentionOf(
  config: ConfigReader,
  weights: WeightFinder,
  prefix: string,
  norm: (name: string, size: number) => NormSpec,
): Omit<AttentionSpec, 'scale' | 'mask'> {
  const { hidden, heads, keyValueHeads, headDim } = groupedHeadsOf(config)
  const hasBias = config.boolean('attention_bias', false)
  return {
    heads,
    keyValueHeads,
    headDim,
    query: linearOf(weights, `${prefix}.q_proj`, [heads * headDim, hidden], hasBias),
    key: linearOf(weights, `${prefix}.k_proj`, [keyValueHeads * headDim, hidden], hasBias),
    value: linearOf(weights, `${prefix}.v_proj`, [keyValueHeads * headDim, hidden], hasBias),
    output: linearOf(weights, `${prefix}.o_proj`, [hidden, heads * headDim], hasBias),
    queryNorm: norm(`${prefix}.q_norm`, headDim),
    keyNorm: norm(`${prefix}.k_norm`, headDim),
  }
}
