import { EmbedderError } from '../../wire/embedder-error.js'
import { hiddenActivation } from '../configs/activation.js'
import type { ConfigReader } from '../configs/config-reader.js'
import type { LinearSpec, MaskSpec, NormSpec, RotarySpec } from '../encoder-spec.js'
import { layerRotaryParametersOf, rotaryOf } from '../rotary.js'
import { LIMITS, linearOf, rmsNormOf, type Architecture } from './architecture.js'
import { groupedAttentionOf, groupedHeadsOf } from './grouped-attention.js'
import { layerTypesOf, type LayerType } from './layer-types.js'

const FULL = 0
const SLIDING = 1

/**
 * Gemma 3 as EmbeddingGemma uses it: in both directions, a window in most layers, norms on both sides of each half.
 *
 * @see `transformers.models.gemma3.modeling_gemma3`
 */
export const gemma3Text: Architecture = {
  anchor: 'embed_tokens.weight',
  describe(config, weights) {
    const { hidden, headDim } = groupedHeadsOf(config)
    const intermediate = config.integer('intermediate_size', LIMITS.intermediate)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const epsilon = config.number('rms_norm_eps', 1e-6)
    const activation = hiddenActivation(config.string('hidden_activation', 'gelu_pytorch_tanh'), config.path)
    const scale = 1 / Math.sqrt(config.number('query_pre_attn_scalar', headDim))
    refuseSoftcapping(config)
    const norm = (name: string, size = hidden): NormSpec => ({
      ...rmsNormOf(weights, name, size, epsilon),
      isWeightShifted: true,
    })
    const every = config.integer(
      'sliding_window_pattern',
      LIMITS.layers,
      config.integer('_sliding_window_pattern', LIMITS.layers, 6),
    )
    const layers = layerTypesOf(config, (index) => (index + 1) % Math.max(1, every) === 0).map((type, index) => {
      const prefix = `layers.${index}`
      const linear = (name: string, out: number, input: number): LinearSpec =>
        linearOf(weights, `${prefix}.mlp.${name}`, [out, input], false)
      const kind = type === 'full_attention' ? FULL : SLIDING
      return {
        attention: {
          ...groupedAttentionOf(config, weights, `${prefix}.self_attn`, norm),
          scale,
          inputNorm: norm(`${prefix}.input_layernorm`),
          resultNorm: norm(`${prefix}.post_attention_layernorm`),
          rotary: kind,
          mask: kind,
        },
        feedForward: {
          inputNorm: norm(`${prefix}.pre_feedforward_layernorm`),
          resultNorm: norm(`${prefix}.post_feedforward_layernorm`),
          gate: linear('gate_proj', intermediate, hidden),
          up: linear('up_proj', intermediate, hidden),
          activation,
          down: linear('down_proj', hidden, intermediate),
        },
      }
    })
    const positions = config.integer('max_position_embeddings', LIMITS.positions, 131_072)
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: { word: weights.get('embed_tokens.weight', [vocab, hidden]), wordScale: Math.sqrt(hidden) },
        rotaries: rotariesOf(config, headDim, positions),
        masks: masksOf(config),
        layers,
        finalNorm: norm('norm'),
      },
      maxPositions: positions,
    }
  },
}

function rotariesOf(config: ConfigReader, headDim: number, positions: number): RotarySpec[] {
  const rotary = (layerType: LayerType, theta: number): RotarySpec => {
    const parameters = layerRotaryParametersOf(config, layerType, layerType === 'full_attention')
    return rotaryOf({ headDim, theta, positions, parameters })
  }
  return [
    rotary('full_attention', config.number('rope_theta', 1_000_000)),
    rotary('sliding_attention', config.number('rope_local_base_freq', 10_000)),
  ]
}

/** Both directions share the window; a causal model looks back one less than its size. */
function masksOf(config: ConfigReader): MaskSpec[] {
  const window = config.integer('sliding_window', LIMITS.positions, 4096)
  const masksFor = (isCausal: boolean, maxDistance: number): MaskSpec[] => [{ isCausal }, { isCausal, maxDistance }]
  if (config.boolean('use_bidirectional_attention', false)) return masksFor(false, Math.floor(window / 2))
  // Under its other name both directions reach the whole window.
  return config.boolean('is_causal', true) ? masksFor(true, window - 1) : masksFor(false, window)
}

function refuseSoftcapping(config: ConfigReader): void {
  if (!config.has('attn_logit_softcapping')) return
  throw new EmbedderError('model-unsupported', `Cannot load ${config.path} as attn_logit_softcapping must be null`, {
    details: { path: config.path },
  })
}
