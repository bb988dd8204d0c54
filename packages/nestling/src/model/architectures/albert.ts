import { hiddenActivation } from '../configs/activation.js'
import type { ConfigReader } from '../configs/config-reader.js'
import type { LayerSpec, WeightRef } from '../encoder-spec.js'
import type { WeightFinder } from '../weights/weight-finder.js'
import { FULL_MASK, layerNormOf, LIMITS, linearOf, type Architecture } from './architecture.js'
import { headDimOf } from './head-dim.js'
import { postNormLayer, type LayerNames, type LayerSizes } from './post-norm-layer.js'

/**
 * ALBERT: a narrow embedding with a projection, and layers that share their weights.
 *
 * @see `transformers.models.albert.modeling_albert`
 */
export const albert: Architecture = {
  anchor: 'embeddings.word_embeddings.weight',
  describe(config, weights) {
    const hidden = config.integer('hidden_size', LIMITS.hidden)
    const embedding = config.integer('embedding_size', LIMITS.hidden, 128)
    const epsilon = config.number('layer_norm_eps', 1e-12)
    const vocab = config.integer('vocab_size', LIMITS.vocab)
    const positions = config.integer('max_position_embeddings', LIMITS.positions)
    const table = (name: string, rows: number): WeightRef =>
      weights.get(`embeddings.${name}_embeddings.weight`, [rows, embedding])
    return {
      spec: {
        hiddenSize: hidden,
        vocabSize: vocab,
        embeddings: {
          word: table('word', vocab),
          position: { weight: table('position', positions), numbering: 'sequential', paddingId: 0 },
          tokenType: table('token_type', config.integer('type_vocab_size', LIMITS.types, 2)),
          norm: layerNormOf(weights, 'embeddings.LayerNorm', embedding, epsilon),
          projection: linearOf(weights, 'encoder.embedding_hidden_mapping_in', [hidden, embedding], true),
        },
        rotaries: [],
        masks: [FULL_MASK],
        layers: describeLayers(config, weights, hidden, epsilon),
      },
      maxPositions: positions,
    }
  },
}

/** Each of the layers is one of a few groups, and a group runs its inner layers one after another. */
function describeLayers(config: ConfigReader, weights: WeightFinder, hidden: number, epsilon: number): LayerSpec[] {
  const layers = config.integer('num_hidden_layers', LIMITS.layers)
  const groups = config.integer('num_hidden_groups', { min: 1, max: Math.max(1, layers) }, 1)
  const inner = config.integer('inner_group_num', { min: 1, max: 64 }, 1)
  const heads = config.integer('num_attention_heads', LIMITS.heads)
  const sizes: LayerSizes = {
    hidden,
    intermediate: config.integer('intermediate_size', LIMITS.intermediate),
    heads,
    headDim: headDimOf(config, hidden, heads),
    epsilon,
    activation: hiddenActivation(config.string('hidden_act', 'gelu_new'), config.path),
  }
  const describeLayer = (group: number, index: number): LayerSpec =>
    postNormLayer(weights, `encoder.albert_layer_groups.${group}.albert_layers.${index}`, sizes, NAMES)
  return Array.from({ length: layers }, (_, layer) => Math.floor(layer / (layers / groups))).flatMap((group) =>
    Array.from({ length: inner }, (_, index) => describeLayer(group, index)),
  )
}

const NAMES: LayerNames = {
  query: 'attention.query',
  key: 'attention.key',
  value: 'attention.value',
  output: 'attention.dense',
  attentionNorm: 'attention.LayerNorm',
  up: 'ffn',
  down: 'ffn_output',
  outputNorm: 'full_layer_layer_norm',
}
