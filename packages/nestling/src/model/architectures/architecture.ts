import type { ConfigReader } from '../configs/config-reader.js'
import type { LinearSpec, NormSpec, TransformerSpec } from '../encoder-spec.js'
import type { WeightFinder } from '../weights/weight-finder.js'

/** What an architecture finds out: the network, and how many tokens it can take. */
export interface DescribedTransformer {
  readonly spec: TransformerSpec
  /** Tokens that have positions; `max_seq_length` is never more. `Infinity` where positions are only relative. */
  readonly maxPositions: number
}

/** One family of models: how its config and weight names become a spec. */
export interface Architecture {
  /** A weight that every file of the family has; finds the prefix of the others. */
  readonly anchor: string
  /** Fills the spec. */
  readonly describe: (config: ConfigReader, weights: WeightFinder) => DescribedTransformer
}

/** Bounds that no real model reaches; they keep an absurd config from allocating. */
export const LIMITS = {
  hidden: { min: 1, max: 65_536 },
  intermediate: { min: 1, max: 1_048_576 },
  vocab: { min: 1, max: 16_777_216 },
  positions: { min: 1, max: 16_777_216 },
  types: { min: 1, max: 1024 },
  layers: { min: 0, max: 1024 },
  heads: { min: 1, max: 1024 },
} as const

/** A bidirectional model without windows: every layer has mask 0. */
export const FULL_MASK = { isCausal: false } as const

/**
 * Reads a linear layer.
 *
 * @param name - Its name, without `.weight`.
 * @param shape - `[out, in]`.
 * @param hasBias - Whether it must have a bias.
 * @throws {EmbedderError} `weights-missing` or `model-invalid` if it is not there in that shape.
 */
export function linearOf(
  weights: WeightFinder,
  name: string,
  shape: readonly [number, number],
  hasBias: boolean,
): LinearSpec {
  const weight = weights.get(`${name}.weight`, shape)
  return hasBias ? { weight, bias: weights.get(`${name}.bias`, [shape[0]]) } : { weight }
}

/**
 * Reads a layer norm; one without a bias has none in its file.
 *
 * @param name - Its name, without `.weight`.
 * @param size - Length of what it normalises.
 * @param epsilon - Added to the variance.
 * @throws {EmbedderError} `weights-missing` or `model-invalid` if it is not there in that shape.
 */
export function layerNormOf(weights: WeightFinder, name: string, size: number, epsilon: number): NormSpec {
  const bias = weights.find(`${name}.bias`, [size])
  const norm = { kind: 'layer', weight: weights.get(`${name}.weight`, [size]), epsilon } as const
  return bias === undefined ? norm : { ...norm, bias }
}

/**
 * Reads an RMS norm.
 *
 * @param name - Its name, without `.weight`.
 * @param size - Length of what it normalises.
 * @param epsilon - Added to the mean square.
 * @throws {EmbedderError} `weights-missing` or `model-invalid` if it is not there in that shape.
 */
export function rmsNormOf(weights: WeightFinder, name: string, size: number, epsilon: number): NormSpec {
  return { kind: 'rms', weight: weights.get(`${name}.weight`, [size]), epsilon }
}
