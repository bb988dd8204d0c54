import { hiddenActivation } from '../configs/activation.js'
import { FULL_MASK, layerNormOf, LIMITS, type Architecture } from './architecture.js'
import { headDimOf } from './head-dim.js'
import { postNormLayer, type LayerNames, type LayerSizes } from './post-norm-layer.js'

/** Written into the model's code, whatever `pad_token_id` and `relative_attention_num_buckets` say. */
const PADDING_ID = 1
const BUCKETS = 32
const MAX_DISTANCE = 128

/**
 * MPNet: positions counted from behind the padding id, and scores by distance in every layer.
 *
 * @see `transformers.models.mpnet.modeling_mpnet`
 */
export const mpnet: Architecture = {
  anchor: 'embeddings.word_embeddings.weight',
  describe(config, weights) {
    const hidden = config.integer('hidden_size', LIMITS.hidden)
    const intermediate = config.integer('intermediate_size', LIMITS.intermediate)
    const heads = config.integer('num_attention_heads', LIMITS.heads)
    const headDim = headDimOf(config, hidden, heads)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const positions = config.integer('max_position_embeddings', LIMITS.positions)
    const rows = config.integer('relative_attention_num_buckets', { min: BUCKETS, max: 4096 }, BUCKETS)
    const epsilon = config.number('layer_norm_eps', 1e-12)
    const activation = hiddenActivation(config.string('hidden_act', 'gelu'), config.path)
    const sizes: LayerSizes = { hidden, intermediate, heads, headDim, epsilon, activation }
    const position = weights.get('embeddings.position_embeddings.weight', [positions, hidden])
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: {
          word: weights.get('embeddings.word_embeddings.weight', [vocab, hidden]),
          position: { weight: position, numbering: 'after-padding-id', paddingId: PADDING_ID },
          norm: layerNormOf(weights, 'embeddings.LayerNorm', hidden, epsilon),
        },
        relativeBias: {
          table: weights.get('encoder.relative_attention_bias.weight', [rows, heads]),
          buckets: BUCKETS,
          maxDistance: MAX_DISTANCE,
        },
        rotaries: [],
        masks: [FULL_MASK],
        layers: Array.from({ length: config.integer('num_hidden_layers', LIMITS.layers) }, (_, index) =>
          postNormLayer(weights, `encoder.layer.${index}`, sizes, NAMES),
        ),
      },
      maxPositions: positions - PADDING_ID - 1,
    }
  },
}

const NAMES: LayerNames = {
  query: 'attention.attn.q',
  key: 'attention.attn.k',
  value: 'attention.attn.v',
  output: 'attention.attn.o',
  attentionNorm: 'attention.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  outputNorm: 'output.LayerNorm',
}
