import { EmbedderError } from '../wire/embedder-error.js'
import { ConfigReader } from './config-reader.js'
import type { RotarySpec } from './encoder-spec.js'

/** What a rotary embedding depends on. */
export interface RotaryOptions {
  readonly headDim: number
  readonly theta: number
  /** `rope_parameters` or `rope_scaling` of the config, where it has one. */
  readonly scaling: ConfigReader | undefined
}

/**
 * Computes the frequencies of a rotary embedding.
 *
 * @param options - Dimension, base and scaling.
 * @returns The spec.
 * @throws {EmbedderError} `model-unsupported` if the scaling is not known.
 * @see `transformers.modeling_rope_utils`
 */
export function rotaryOf({ headDim, theta, scaling }: RotaryOptions): RotarySpec {
  const type = scalingTypeOf(scaling)
  const base = scaling?.has('rope_theta') === true ? scaling.number('rope_theta', theta) : theta
  const fraction = scaling?.number('partial_rotary_factor', 1) ?? 1
  if (fraction !== 1) throw unsupported(scaling, `partial_rotary_factor must be 1: current value is ${fraction}`)
  if (type === 'default') return { inverseFrequencies: frequencies(base, headDim, 1) }
  const factor = scaling?.number('factor', 1) ?? 1
  if (type === 'linear') return { inverseFrequencies: frequencies(base, headDim, factor) }
  if (type === 'ntk' && scaling?.has('mixed_b') !== true) {
    // The base grows with the factor, and all frequencies fall by factor ^ (2 / dim): https://kexue.fm/archives/9706, formula 6.
    return { inverseFrequencies: frequencies(base * factor, headDim, factor ** (2 / headDim)) }
  }
  throw unsupported(scaling, `rope_type must be default, linear or ntk: current value is ${type}`)
}

/**
 * Finds the rotary settings of a config in any of the forms that transformers wrote over the years.
 *
 * @param config - `config.json`.
 * @param layerType - `full_attention` or `sliding_attention`, where the model has settings for each.
 * @returns A reader of them; `undefined` where the config has none.
 * @throws {EmbedderError} `model-invalid` if they are no object.
 */
export function rotaryScalingOf(config: ConfigReader, layerType?: string): ConfigReader | undefined {
  for (const key of ['rope_parameters', 'rope_scaling']) {
    if (!config.has(key)) continue
    const whole = ConfigReader.of(config.path, config.values[key])
    return layerType !== undefined && whole.has(layerType)
      ? ConfigReader.of(config.path, whole.values[layerType])
      : whole
  }
  return undefined
}

function scalingTypeOf(scaling: ConfigReader | undefined): string {
  if (scaling === undefined) return 'default'
  return scaling.string('rope_type', scaling.string('type', 'default'))
}

function frequencies(base: number, headDim: number, divisor: number): number[] {
  return Array.from({ length: headDim / 2 }, (_, index) => 1 / (base ** ((2 * index) / headDim) * divisor))
}

function unsupported(config: ConfigReader | undefined, reason: string): EmbedderError {
  const path = config?.path ?? 'config.json'
  return new EmbedderError('model-unsupported', `Cannot load ${path} as ${reason}`, { details: { path } })
}
