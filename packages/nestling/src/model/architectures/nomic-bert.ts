import { hiddenActivation } from '../configs/activation.js'
import type { ConfigReader } from '../configs/config-reader.js'
import type { Activation, LayerSpec, LinearSpec } from '../encoder-spec.js'
import { rotaryOf, rotaryParametersOf } from '../rotary.js'
import { FULL_MASK, layerNormOf, LIMITS, linearOf, type Architecture } from './architecture.js'
import { gatedRotaryLayer } from './gated-rotary-layer.js'
import { headDimOf } from './head-dim.js'

/**
 * Nomic BERT: BERT with rotary positions and gated feed-forward, no biases in its linear layers.
 *
 * @see `transformers.models.nomic_bert.modeling_nomic_bert`; hub names by `transformers.conversion_mapping`
 */
export const nomicBert: Architecture = {
  anchor: 'embeddings.word_embeddings.weight',
  describe(config, weights) {
    const hidden = config.integer(config.nameOf('hidden_size', 'n_embd'), LIMITS.hidden)
    const intermediate = config.integer(config.nameOf('intermediate_size', 'n_inner'), LIMITS.intermediate)
    const heads = config.integer(config.nameOf('num_attention_heads', 'n_head'), LIMITS.heads)
    const headDim = headDimOf(config, hidden, heads)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const epsilon = config.number(config.nameOf('layer_norm_eps', 'layer_norm_epsilon'), 1e-12)
    const activation = activationOf(config)
    const sizes = { hidden, heads, headDim, epsilon, activation }
    const describeLayer = (index: number): LayerSpec => {
      const prefix = `encoder.layers.${index}`
      const linear = (name: string, out: number, input: number): LinearSpec =>
        linearOf(weights, `${prefix}.${name}`, [out, input], false)
      return gatedRotaryLayer(weights, sizes, {
        qkv: linear('attn.Wqkv', 3 * hidden, hidden),
        output: linear('attn.out_proj', hidden, hidden),
        gate: linear('mlp.fc12', intermediate, hidden),
        up: linear('mlp.fc11', intermediate, hidden),
        down: linear('mlp.fc2', hidden, intermediate),
        attentionNorm: `${prefix}.norm1`,
        outputNorm: `${prefix}.norm2`,
      })
    }
    const types = config.integer('type_vocab_size', LIMITS.types, 2)
    const positions = config.integer(config.nameOf('max_position_embeddings', 'n_positions'), LIMITS.positions, 2048)
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: {
          word: weights.get('embeddings.word_embeddings.weight', [vocab, hidden]),
          tokenType: weights.get('embeddings.token_type_embeddings.weight', [types, hidden]),
          norm: layerNormOf(weights, 'emb_ln', hidden, epsilon),
        },
        rotaries: [
          rotaryOf({
            headDim,
            theta: config.number(config.nameOf('rope_theta', 'rotary_emb_base'), 1000),
            positions,
            parameters: rotaryParametersOf(config),
          }),
        ],
        masks: [FULL_MASK],
        layers: Array.from(
          { length: config.integer(config.nameOf('num_hidden_layers', 'n_layer'), LIMITS.layers) },
          (_, index) => describeLayer(index),
        ),
      },
      maxPositions: positions,
    }
  },
}

/** Configs from before transformers knew the family name the gate and its activation in one word. */
function activationOf(config: ConfigReader): Activation {
  const name = config.string(config.nameOf('hidden_act', 'activation_function'), 'silu')
  return name === 'swiglu' ? 'silu' : hiddenActivation(name, config.path)
}
