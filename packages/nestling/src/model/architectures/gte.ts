import { EmbedderError } from '../../wire/embedder-error.js'
import { hiddenActivation } from '../configs/activation.js'
import type { ConfigReader } from '../configs/config-reader.js'
import type { LayerSpec, LinearSpec } from '../encoder-spec.js'
import { rotaryOf, rotaryParametersOf } from '../rotary.js'
import { splitLinear } from '../weights/weight-rows.js'
import { FULL_MASK, layerNormOf, LIMITS, linearOf, type Architecture } from './architecture.js'
import { gatedRotaryLayer } from './gated-rotary-layer.js'
import { headDimOf } from './head-dim.js'

/**
 * GTE (called `new` by its first checkpoints): BERT with rotary positions and gated feed-forward.
 *
 * @see `transformers.models.gte.modeling_gte`; hub names by `transformers.conversion_mapping`
 */
export const gte: Architecture = {
  anchor: 'embeddings.word_embeddings.weight',
  describe(config, weights) {
    refuseUnknown(config)
    const hidden = config.integer('hidden_size', LIMITS.hidden)
    const intermediate = config.integer('intermediate_size', LIMITS.intermediate)
    const heads = config.integer('num_attention_heads', LIMITS.heads)
    const headDim = headDimOf(config, hidden, heads)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const epsilon = config.number('layer_norm_eps', 1e-12)
    const activation = hiddenActivation(config.string('hidden_act', 'gelu'), config.path)
    const sizes = { hidden, heads, headDim, epsilon, activation }
    const describeLayer = (index: number): LayerSpec => {
      const prefix = `encoder.layer.${index}`
      const linear = (name: string, out: number, input: number, hasBias = true): LinearSpec =>
        linearOf(weights, `${prefix}.${name}`, [out, input], hasBias)
      const fused = linear('mlp.up_gate_proj', 2 * intermediate, hidden, false)
      const [up, gate] = splitLinear(fused, [intermediate, intermediate]) as [LinearSpec, LinearSpec]
      return gatedRotaryLayer(weights, sizes, {
        qkv: linear('attention.qkv_proj', 3 * hidden, hidden),
        output: linear('attention.o_proj', hidden, hidden),
        gate,
        up,
        down: linear('mlp.down_proj', hidden, intermediate),
        attentionNorm: `${prefix}.attn_ln`,
        outputNorm: `${prefix}.mlp_ln`,
      })
    }
    // Some checkpoints have no token types at all.
    const types = config.integer('type_vocab_size', { min: 0, max: LIMITS.types.max }, 0)
    const table = types === 0 ? undefined : weights.find('embeddings.token_type_embeddings.weight', [types, hidden])
    const positions = config.integer('max_position_embeddings', LIMITS.positions, 8192)
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: {
          word: weights.get('embeddings.word_embeddings.weight', [vocab, hidden]),
          norm: layerNormOf(weights, 'embeddings.LayerNorm', hidden, epsilon),
          ...(table === undefined ? {} : { tokenType: table }),
        },
        rotaries: [
          rotaryOf({
            headDim,
            theta: config.number('rope_theta', 160_000),
            positions,
            parameters: rotaryParametersOf(config),
          }),
        ],
        masks: [FULL_MASK],
        layers: Array.from({ length: config.integer('num_hidden_layers', LIMITS.layers) }, (_, index) =>
          describeLayer(index),
        ),
      },
      maxPositions: positions,
    }
  },
}

/** Options of the first checkpoints' own code that no published model of the family uses. */
function refuseUnknown(config: ConfigReader): void {
  const isScaled = config.boolean('logn_attention_scale', false)
  const norm = config.string('layer_norm_type', 'layer_norm')
  if (!isScaled && norm === 'layer_norm') return
  throw new EmbedderError(
    'model-unsupported',
    `Cannot load ${config.path} as logn_attention_scale must be false and layer_norm_type layer_norm`,
    { details: { path: config.path } },
  )
}
