import type { Activation, LayerSpec, LinearSpec } from '../encoder-spec.js'
import type { WeightFinder } from '../weights/weight-finder.js'
import { splitLinear } from '../weights/weight-rows.js'
import { layerNormOf } from './architecture.js'

/** Linear layers of one layer, as its family's file holds them. */
export interface GatedRotaryParts {
  /** Query, key and value in one. */
  readonly qkv: LinearSpec
  readonly output: LinearSpec
  readonly gate: LinearSpec
  readonly up: LinearSpec
  readonly down: LinearSpec
  /** Names of the norms after each half. */
  readonly attentionNorm: string
  readonly outputNorm: string
}

/** Sizes and settings that all layers share. */
export interface GatedRotarySizes {
  readonly hidden: number
  readonly heads: number
  readonly headDim: number
  readonly epsilon: number
  readonly activation: Activation
}

/**
 * Describes a layer with rotary positions and a gate, norms after each half.
 *
 * @param sizes - Sizes and settings.
 * @param parts - The linear layers.
 * @throws {EmbedderError} `weights-missing` or `model-invalid` if a norm is not there in its shape.
 */
export function gatedRotaryLayer(weights: WeightFinder, sizes: GatedRotarySizes, parts: GatedRotaryParts): LayerSpec {
  const { hidden, heads, headDim, epsilon, activation } = sizes
  const { output, gate, up, down } = parts
  const [query, key, value] = splitLinear(parts.qkv, [hidden, hidden, hidden]) as [LinearSpec, LinearSpec, LinearSpec]
  return {
    attention: {
      heads,
      keyValueHeads: heads,
      headDim,
      scale: 1 / Math.sqrt(headDim),
      query,
      key,
      value,
      output,
      outputNorm: layerNormOf(weights, parts.attentionNorm, hidden, epsilon),
      rotary: 0,
      mask: 0,
    },
    feedForward: {
      gate,
      up,
      activation,
      down,
      outputNorm: layerNormOf(weights, parts.outputNorm, hidden, epsilon),
    },
  }
}
