import { hiddenActivation } from '../configs/activation.js'
import { FULL_MASK, layerNormOf, LIMITS, type Architecture } from './architecture.js'
import { headDimOf } from './head-dim.js'
import { postNormLayer, type LayerNames, type LayerSizes } from './post-norm-layer.js'

/** Not in the config: written into the model's code. */
const EPSILON = 1e-12

/**
 * DistilBERT: BERT without token types, under names of its own.
 *
 * @see `transformers.models.distilbert.modeling_distilbert`
 */
export const distilbert: Architecture = {
  anchor: 'embeddings.word_embeddings.weight',
  describe(config, weights) {
    const hidden = config.integer('dim', LIMITS.hidden)
    const intermediate = config.integer('hidden_dim', LIMITS.intermediate)
    const heads = config.integer('n_heads', LIMITS.heads)
    const headDim = headDimOf(config, hidden, heads)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const positions = config.integer('max_position_embeddings', LIMITS.positions)
    const activation = hiddenActivation(config.string('activation', 'gelu'), config.path)
    const sizes: LayerSizes = { hidden, intermediate, heads, headDim, epsilon: EPSILON, activation }
    const position = weights.get('embeddings.position_embeddings.weight', [positions, hidden])
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: {
          word: weights.get('embeddings.word_embeddings.weight', [vocab, hidden]),
          position: { weight: position, numbering: 'sequential', paddingId: 0 },
          norm: layerNormOf(weights, 'embeddings.LayerNorm', hidden, EPSILON),
        },
        rotaries: [],
        masks: [FULL_MASK],
        layers: Array.from({ length: config.integer('n_layers', LIMITS.layers) }, (_, index) =>
          postNormLayer(weights, `transformer.layer.${index}`, sizes, NAMES),
        ),
      },
      maxPositions: positions,
    }
  },
}

const NAMES: LayerNames = {
  query: 'attention.q_lin',
  key: 'attention.k_lin',
  value: 'attention.v_lin',
  output: 'attention.out_lin',
  attentionNorm: 'sa_layer_norm',
  up: 'ffn.lin1',
  down: 'ffn.lin2',
  outputNorm: 'output_layer_norm',
}
