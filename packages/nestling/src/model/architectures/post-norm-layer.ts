import type { Activation, LayerSpec, LinearSpec } from '../encoder-spec.js'
import type { WeightFinder } from '../weights/weight-finder.js'
import { layerNormOf, linearOf } from './architecture.js'

/** Sizes and settings that all layers of a BERT-like model share. */
export interface LayerSizes {
  readonly hidden: number
  readonly intermediate: number
  readonly heads: number
  readonly headDim: number
  readonly epsilon: number
  readonly activation: Activation
}

/** What a family calls the parts of a layer. */
export interface LayerNames {
  readonly query: string
  readonly key: string
  readonly value: string
  readonly output: string
  readonly attentionNorm: string
  readonly up: string
  readonly down: string
  readonly outputNorm: string
}

/**
 * Describes a layer of the original transformer: norms after each half, biases everywhere, no gate.
 *
 * @param prefix - What stands before the names of this layer.
 * @param sizes - Sizes and settings.
 * @param names - The family's names.
 * @throws {EmbedderError} `weights-missing` or `model-invalid` if a weight is not there in its shape.
 */
export function postNormLayer(weights: WeightFinder, prefix: string, sizes: LayerSizes, names: LayerNames): LayerSpec {
  const { hidden, intermediate, heads, headDim, epsilon, activation } = sizes
  const linear = (name: string, out: number, input: number): LinearSpec =>
    linearOf(weights, `${prefix}.${name}`, [out, input], true)
  return {
    attention: {
      heads,
      keyValueHeads: heads,
      headDim,
      scale: 1 / Math.sqrt(headDim),
      query: linear(names.query, hidden, hidden),
      key: linear(names.key, hidden, hidden),
      value: linear(names.value, hidden, hidden),
      output: linear(names.output, hidden, hidden),
      outputNorm: layerNormOf(weights, `${prefix}.${names.attentionNorm}`, hidden, epsilon),
      mask: 0,
    },
    feedForward: {
      up: linear(names.up, intermediate, hidden),
      activation,
      down: linear(names.down, hidden, intermediate),
      outputNorm: layerNormOf(weights, `${prefix}.${names.outputNorm}`, hidden, epsilon),
    },
  }
}
