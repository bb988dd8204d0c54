import { hiddenActivation } from '../activation.js'
import type { ConfigReader } from '../config-reader.js'
import type { EmbeddingsSpec, LayerSpec, LinearSpec, NormSpec } from '../encoder-spec.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { WeightFile } from '../weight-file.js'
import type { Architecture, TransformerSpec } from './architecture.js'

/** How positions are numbered is all that tells RoBERTa from BERT. */
type Numbering = EmbeddingsSpec['position']['numbering']

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
 * @param weights - The weights.
 * @param numbering - How the family numbers positions.
 * @returns The spec.
 * @throws {EmbedderError} `model-invalid`, `model-unsupported` or `weights-missing` if config and weights do not fit.
 */
export function describeBert(config: ConfigReader, weights: WeightFile, numbering: Numbering): TransformerSpec {
  const sizes = readSizes(config)
  const paddingId = config.integer('pad_token_id', { min: 0, max: sizes.vocab - 1 }, 0)
  // Numbering starts behind the padding id, so those first rows of the table are never used for tokens.
  const firstPosition = numbering === 'after-padding-id' ? paddingId + 1 : 0
  const norm = (name: string): NormSpec => ({
    weight: weights.get(`${name}.weight`, [sizes.hidden]),
    bias: weights.get(`${name}.bias`, [sizes.hidden]),
    epsilon: sizes.epsilon,
  })
  return {
    hiddenSize: sizes.hidden,
    vocabSize: sizes.vocab,
    maxPositions: sizes.positions - firstPosition,
    embeddings: {
      word: weights.get('embeddings.word_embeddings.weight', [sizes.vocab, sizes.hidden]),
      position: {
        weight: weights.get('embeddings.position_embeddings.weight', [sizes.positions, sizes.hidden]),
        numbering,
        paddingId,
      },
      tokenType: weights.get('embeddings.token_type_embeddings.weight', [sizes.types, sizes.hidden]),
      norm: norm('embeddings.LayerNorm'),
    },
    layers: Array.from({ length: sizes.layers }, (_, index) => describeLayer(index, sizes, weights, norm)),
  }
}

interface Sizes {
  readonly hidden: number
  readonly intermediate: number
  readonly vocab: number
  readonly positions: number
  readonly types: number
  readonly layers: number
  readonly heads: number
  readonly epsilon: number
  readonly activation: LayerSpec['feedForward']['activation']
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
  const hidden = config.integer('hidden_size', { min: 1, max: 65_536 })
  const heads = config.integer('num_attention_heads', { min: 1, max: hidden })
  if (hidden % heads !== 0) {
    throw new EmbedderError(
      'model-invalid',
      `Cannot read ${config.path} as hidden_size must be a multiple of num_attention_heads: current values are ${hidden} and ${heads}`,
      { details: { path: config.path } },
    )
  }
  return {
    hidden,
    heads,
    intermediate: config.integer('intermediate_size', { min: 1, max: 1_048_576 }),
    vocab: config.integer('vocab_size', { min: 1, max: 16_777_216 }),
    positions: config.integer('max_position_embeddings', { min: 1, max: 1_048_576 }),
    types: config.integer('type_vocab_size', { min: 1, max: 1024 }),
    layers: config.integer('num_hidden_layers', { min: 0, max: 1024 }),
    epsilon: config.number('layer_norm_eps', 1e-12),
    activation: hiddenActivation(config.string('hidden_act', 'gelu'), config.path),
  }
}

function describeLayer(index: number, sizes: Sizes, weights: WeightFile, norm: (name: string) => NormSpec): LayerSpec {
  const prefix = `encoder.layer.${index}`
  const linear = (name: string, out: number, input: number): LinearSpec => ({
    weight: weights.get(`${prefix}.${name}.weight`, [out, input]),
    bias: weights.get(`${prefix}.${name}.bias`, [out]),
  })
  const { hidden, intermediate } = sizes
  return {
    attention: {
      heads: sizes.heads,
      query: linear('attention.self.query', hidden, hidden),
      key: linear('attention.self.key', hidden, hidden),
      value: linear('attention.self.value', hidden, hidden),
      output: linear('attention.output.dense', hidden, hidden),
      norm: norm(`${prefix}.attention.output.LayerNorm`),
    },
    feedForward: {
      up: linear('intermediate.dense', intermediate, hidden),
      activation: sizes.activation,
      down: linear('output.dense', hidden, intermediate),
      norm: norm(`${prefix}.output.LayerNorm`),
    },
  }
}
