import { hiddenActivation } from '../configs/activation.js'
import type { LinearSpec, MaskSpec, NormSpec } from '../encoder-spec.js'
import { rotaryOf, rotaryParametersOf } from '../rotary.js'
import { LIMITS, linearOf, rmsNormOf, type Architecture } from './architecture.js'
import { groupedAttentionOf, groupedHeadsOf } from './grouped-attention.js'
import { layerTypesOf } from './layer-types.js'

const FULL = 0
const SLIDING = 1

/**
 * Qwen 3: a causal decoder whose last token stands for the text.
 *
 * Padding on the left or on the right gives the same vectors: positions are relative, and no token looks at padding.
 *
 * @see `transformers.models.qwen3.modeling_qwen3`
 */
export const qwen3: Architecture = {
  anchor: 'embed_tokens.weight',
  describe(config, weights) {
    const { hidden, headDim } = groupedHeadsOf(config)
    const intermediate = config.integer('intermediate_size', LIMITS.intermediate)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const epsilon = config.number('rms_norm_eps', 1e-6)
    const activation = hiddenActivation(config.string('hidden_act', 'silu'), config.path)
    const norm = (name: string, size = hidden): NormSpec => rmsNormOf(weights, name, size, epsilon)
    const hasWindow = config.boolean('use_sliding_window', false) && config.has('sliding_window')
    const firstSliding = config.integer('max_window_layers', LIMITS.layers, 28)
    const layers = layerTypesOf(config, (index) => !hasWindow || index < firstSliding).map((type, index) => {
      const prefix = `layers.${index}`
      const linear = (name: string, out: number, input: number): LinearSpec =>
        linearOf(weights, `${prefix}.mlp.${name}`, [out, input], false)
      return {
        attention: {
          ...groupedAttentionOf(config, weights, `${prefix}.self_attn`, norm),
          scale: 1 / Math.sqrt(headDim),
          inputNorm: norm(`${prefix}.input_layernorm`),
          rotary: 0,
          mask: type === 'sliding_attention' && hasWindow ? SLIDING : FULL,
        },
        feedForward: {
          inputNorm: norm(`${prefix}.post_attention_layernorm`),
          gate: linear('gate_proj', intermediate, hidden),
          up: linear('up_proj', intermediate, hidden),
          activation,
          down: linear('down_proj', hidden, intermediate),
        },
      }
    })
    const positions = config.integer('max_position_embeddings', LIMITS.positions, 32_768)
    const isCausal = config.boolean('is_causal', true)
    const masks: MaskSpec[] = [{ isCausal }]
    if (hasWindow) {
      const window = config.integer('sliding_window', LIMITS.positions)
      masks.push({ isCausal, maxDistance: isCausal ? window - 1 : window })
    }
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: { word: weights.get('embed_tokens.weight', [vocab, hidden]) },
        rotaries: [
          rotaryOf({
            headDim,
            theta: config.number('rope_theta', 10_000),
            positions,
            parameters: rotaryParametersOf(config),
          }),
        ],
        masks,
        layers,
        finalNorm: norm('norm'),
      },
      maxPositions: positions,
    }
  },
}
