import { hiddenActivation } from '../configs/activation.js'
import type { ConfigReader } from '../configs/config-reader.js'
import type { LayerSpec, RotarySpec } from '../encoder-spec.js'
import { layerRotaryParametersOf, rotaryOf } from '../rotary.js'
import type { WeightFinder } from '../weights/weight-finder.js'
import { splitLinear } from '../weights/weight-rows.js'
import { FULL_MASK, layerNormOf, LIMITS, linearOf, type Architecture } from './architecture.js'
import { headDimOf } from './head-dim.js'
import { layerTypesOf, type LayerType } from './layer-types.js'

const FULL = 0
const SLIDING = 1

/**
 * ModernBERT: rotary positions, a window in most layers, gated feed-forward, norms before each half.
 *
 * @see `transformers.models.modernbert.modeling_modernbert`
 */
export const modernbert: Architecture = {
  anchor: 'embeddings.tok_embeddings.weight',
  describe(config, weights) {
    const hidden = config.integer('hidden_size', LIMITS.hidden)
    const heads = config.integer('num_attention_heads', LIMITS.heads)
    const headDim = headDimOf(config, hidden, heads)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const epsilon = config.number('norm_eps', 1e-5)
    const positions = config.integer('max_position_embeddings', LIMITS.positions, 8192)
    const rotary = (layerType: LayerType, thetaKey: string, fallback: number): RotarySpec => {
      const parameters = layerRotaryParametersOf(config, layerType, true)
      return rotaryOf({ headDim, theta: config.number(thetaKey, fallback), positions, parameters })
    }
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: {
          word: weights.get('embeddings.tok_embeddings.weight', [vocab, hidden]),
          norm: layerNormOf(weights, 'embeddings.norm', hidden, epsilon),
        },
        rotaries: [
          rotary('full_attention', 'global_rope_theta', 160_000),
          rotary('sliding_attention', 'local_rope_theta', 10_000),
        ],
        // The window counts both directions: each reaches half as far.
        masks: [
          FULL_MASK,
          { isCausal: false, maxDistance: Math.floor(config.integer('local_attention', LIMITS.positions, 128) / 2) },
        ],
        layers: describeLayers(config, weights, { hidden, heads, headDim, epsilon }),
        finalNorm: layerNormOf(weights, 'final_norm', hidden, epsilon),
      },
      maxPositions: positions,
    }
  },
}

interface Sizes {
  readonly hidden: number
  readonly heads: number
  readonly headDim: number
  readonly epsilon: number
}

function describeLayers(config: ConfigReader, weights: WeightFinder, sizes: Sizes): LayerSpec[] {
  const { hidden, heads, headDim, epsilon } = sizes
  const intermediate = config.integer('intermediate_size', LIMITS.intermediate)
  const activation = hiddenActivation(config.string('hidden_activation', 'gelu'), config.path)
  const hasAttentionBias = config.boolean('attention_bias', false)
  const hasMlpBias = config.boolean('mlp_bias', false)
  const every = config.integer('global_attn_every_n_layers', LIMITS.layers, 3)
  const types = layerTypesOf(config, (index) => index % Math.max(1, every) === 0)
  return types.map((type, index) => {
    const prefix = `layers.${index}`
    const qkv = linearOf(weights, `${prefix}.attn.Wqkv`, [3 * hidden, hidden], hasAttentionBias)
    const [query, key, value] = splitLinear(qkv, [hidden, hidden, hidden]) as [LinearPart, LinearPart, LinearPart]
    const fused = linearOf(weights, `${prefix}.mlp.Wi`, [2 * intermediate, hidden], hasMlpBias)
    const [gate, up] = splitLinear(fused, [intermediate, intermediate]) as [LinearPart, LinearPart]
    const kind = type === 'full_attention' ? FULL : SLIDING
    // The first layer follows the norm of the embeddings and has none of its own.
    const inputNorm = index === 0 ? {} : { inputNorm: layerNormOf(weights, `${prefix}.attn_norm`, hidden, epsilon) }
    return {
      attention: {
        ...inputNorm,
        heads,
        keyValueHeads: heads,
        headDim,
        scale: 1 / Math.sqrt(headDim),
        query,
        key,
        value,
        output: linearOf(weights, `${prefix}.attn.Wo`, [hidden, hidden], hasAttentionBias),
        rotary: kind,
        mask: kind,
      },
      feedForward: {
        inputNorm: layerNormOf(weights, `${prefix}.mlp_norm`, hidden, epsilon),
        gate,
        up,
        activation,
        down: linearOf(weights, `${prefix}.mlp.Wo`, [hidden, intermediate], hasMlpBias),
      },
    }
  })
}

type LinearPart = LayerSpec['attention']['query']
