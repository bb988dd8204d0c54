import { EmbedderError } from '../../wire/embedder-error.js'
import { hiddenActivation } from '../configs/activation.js'
import type { ConfigReader } from '../configs/config-reader.js'
import type { EmbeddingsSpec, PositionSpec } from '../encoder-spec.js'
import type { WeightFinder } from '../weights/weight-finder.js'
import { layerNormOf, LIMITS, linearOf, type Architecture, type DescribedTransformer } from './architecture.js'
import { headDimOf } from './head-dim.js'
import { postNormLayer, type LayerNames, type LayerSizes } from './post-norm-layer.js'

/**
 * BERT: learned positions from 0.
 *
 * @see `transformers.models.bert.modeling_bert`
 */
export const bert: Architecture = {
  anchor: 'embeddings.word_embeddings.weight',
  describe: (config, weights) => describeBert(config, weights, 'sequential'),
}

/**
 * Describes BERT and the families that share its weight names.
 *
 * @param config - `config.json`.
 * @param numbering - How the family numbers positions.
 * @returns The spec.
 * @throws {EmbedderError} `model-invalid`, `model-unsupported` or `weights-missing` if config and weights do not fit.
 */
export function describeBert(
  config: ConfigReader,
  weights: WeightFinder,
  numbering: PositionSpec['numbering'],
): DescribedTransformer {
  const sizes = readSizes(config)
  const paddingId = config.integer('pad_token_id', { min: 0, max: sizes.vocab - 1 }, numbering === 'sequential' ? 0 : 1)
  const embeddings = describeEmbeddings(sizes, weights, { numbering, paddingId })
  const layers = Array.from({ length: sizes.layers }, (_, index) =>
    postNormLayer(weights, `encoder.layer.${index}`, sizes, NAMES),
  )
  // A decoder that is embedded sees what comes before, as it was trained.
  const masks = [{ isCausal: config.boolean('is_decoder', false) }]
  return {
    spec: { hiddenSize: sizes.hidden, vocabSize: sizes.vocab, embeddings, rotaries: [], masks, layers },
    // Numbering starts behind the padding id, so those first rows of the table are never used for tokens.
    maxPositions: sizes.positions - (numbering === 'after-padding-id' ? paddingId + 1 : 0),
  }
}

interface Sizes extends LayerSizes {
  /** Width of the embedding tables; the hidden size unless a projection follows (ELECTRA). */
  readonly embedding: number
  readonly vocab: number
  readonly positions: number
  readonly types: number
  readonly layers: number
}

function readSizes(config: ConfigReader): Sizes {
  const positionKind = config.string('position_embedding_type', 'absolute')
  if (positionKind !== 'absolute') {
    throw new EmbedderError(
      'model-unsupported',
      `Cannot load ${config.path} as position_embedding_type must be absolute: current value is ${positionKind}`,
      { details: { path: config.path, positionKind } },
    )
  }
  const hidden = config.integer('hidden_size', LIMITS.hidden)
  const heads = config.integer('num_attention_heads', LIMITS.heads)
  return {
    hidden,
    heads,
    headDim: headDimOf(config, hidden, heads),
    embedding: config.integer('embedding_size', LIMITS.hidden, hidden),
    intermediate: config.integer('intermediate_size', LIMITS.intermediate),
    vocab: config.integer('vocab_size', LIMITS.vocab),
    positions: config.integer('max_position_embeddings', LIMITS.positions),
    types: config.integer('type_vocab_size', LIMITS.types, 2),
    layers: config.integer('num_hidden_layers', LIMITS.layers),
    epsilon: config.number('layer_norm_eps', 1e-12),
    activation: hiddenActivation(config.string('hidden_act', 'gelu'), config.path),
  }
}

function describeEmbeddings(
  sizes: Sizes,
  weights: WeightFinder,
  position: Pick<PositionSpec, 'numbering' | 'paddingId'>,
): EmbeddingsSpec {
  const { embedding, hidden } = sizes
  const table = (name: string, rows: number): PositionSpec['weight'] =>
    weights.get(`embeddings.${name}_embeddings.weight`, [rows, embedding])
  const base: EmbeddingsSpec = {
    word: table('word', sizes.vocab),
    position: { weight: table('position', sizes.positions), ...position },
    tokenType: table('token_type', sizes.types),
    norm: layerNormOf(weights, 'embeddings.LayerNorm', embedding, sizes.epsilon),
  }
  if (embedding === hidden) return base
  return { ...base, projection: linearOf(weights, 'embeddings_project', [hidden, embedding], true) }
}

const NAMES: LayerNames = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  output: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  up: 'intermediate.dense',
  down: 'output.dense',
  outputNorm: 'output.LayerNorm',
}
