import { hiddenActivation } from '../configs/activation.js'
import type { ConfigReader } from '../configs/config-reader.js'
import type { Activation, LayerSpec, LinearSpec } from '../encoder-spec.js'
import { FULL_MASK, LIMITS, linearOf, rmsNormOf, type Architecture } from './architecture.js'

/**
 * The encoder of T5: scores by distance instead of positions, RMS norms before each half, no scaling of scores, no biases.
 *
 * @see `transformers.models.t5.modeling_t5`
 */
export const t5: Architecture = {
  anchor: 'encoder.final_layer_norm.weight',
  describe(config, weights) {
    const hidden = config.integer('d_model', LIMITS.hidden)
    const intermediate = config.integer('d_ff', LIMITS.intermediate)
    const heads = config.integer('num_heads', LIMITS.heads)
    const headDim = config.integer('d_kv', { min: 1, max: 4096 })
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const table = [vocab, hidden]
    const epsilon = config.number('layer_norm_epsilon', 1e-6)
    const { isGated, activation } = feedForwardOf(config)
    const buckets = config.integer('relative_attention_num_buckets', { min: 4, max: 4096 }, 32)
    const describeLayer = (index: number): LayerSpec => {
      const prefix = `encoder.block.${index}.layer`
      const linear = (name: string, out: number, input: number): LinearSpec =>
        linearOf(weights, `${prefix}.${name}`, [out, input], false)
      const inner = heads * headDim
      const up = linear(isGated ? '1.DenseReluDense.wi_1' : '1.DenseReluDense.wi', intermediate, hidden)
      return {
        attention: {
          heads,
          keyValueHeads: heads,
          headDim,
          scale: 1,
          query: linear('0.SelfAttention.q', inner, hidden),
          key: linear('0.SelfAttention.k', inner, hidden),
          value: linear('0.SelfAttention.v', inner, hidden),
          output: linear('0.SelfAttention.o', hidden, inner),
          inputNorm: rmsNormOf(weights, `${prefix}.0.layer_norm`, hidden, epsilon),
          mask: 0,
        },
        feedForward: {
          inputNorm: rmsNormOf(weights, `${prefix}.1.layer_norm`, hidden, epsilon),
          ...(isGated ? { gate: linear('1.DenseReluDense.wi_0', intermediate, hidden) } : {}),
          up,
          activation,
          down: linear('1.DenseReluDense.wo', hidden, intermediate),
        },
      }
    }
    const biasName = 'encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight'
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: { word: weights.find('shared.weight', table) ?? weights.get('encoder.embed_tokens.weight', table) },
        // The first layer's table serves all layers.
        relativeBias: {
          table: weights.get(biasName, [buckets, heads]),
          buckets,
          maxDistance: config.integer('relative_attention_max_distance', LIMITS.positions, 128),
        },
        rotaries: [],
        masks: [FULL_MASK],
        layers: Array.from({ length: config.integer('num_layers', LIMITS.layers) }, (_, index) => describeLayer(index)),
        finalNorm: rmsNormOf(weights, 'encoder.final_layer_norm', hidden, epsilon),
      },
      maxPositions: Infinity,
    }
  },
}

/** @see `transformers.models.t5.configuration_t5.T5Config.__post_init__` */
function feedForwardOf(config: ConfigReader): { isGated: boolean; activation: Activation } {
  const name = config.string('feed_forward_proj', 'relu')
  const isGated = name.startsWith('gated-')
  // Old checkpoints say gated-gelu and mean the approximation.
  const actual = name === 'gated-gelu' ? 'gelu_new' : name.replace(/^gated-/, '')
  return { isGated, activation: hiddenActivation(actual, config.path) }
}
