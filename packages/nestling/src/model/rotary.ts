import { EmbedderError } from '../wire/embedder-error.js'
import { ConfigReader } from './configs/config-reader.js'
import type { RotarySpec } from './encoder-spec.js'

/** What a rotary embedding depends on beside its parameters. */
export interface RotaryOptions {
  readonly headDim: number
  /** Base where the parameters name none. */
  readonly theta: number
  /** `max_position_embeddings`. */
  readonly positions: number
  /** Parameters as {@link rotaryParametersOf} or {@link layerRotaryParametersOf} finds them. */
  readonly parameters: ConfigReader
}

type Build = (options: RotaryOptions, base: number) => RotarySpec

/** By `rope_type`. */
const BUILD: Readonly<Record<string, Build>> = {
  default: ({ headDim }, base) => ({ inverseFrequencies: frequencies(base, headDim) }),
  linear: ({ headDim, parameters }, base) => {
    const factor = needed(parameters, 'factor')
    return { inverseFrequencies: frequencies(base, headDim).map((frequency) => frequency / factor) }
  },
  // Python changes the frequencies of texts that are longer than the positions, and of what comes after them.
  dynamic: ({ headDim, positions, parameters }, base) => {
    needed(parameters, 'factor')
    return { inverseFrequencies: frequencies(base, headDim), maxPositions: positions }
  },
  ntk: ntkOf,
  yarn: yarnOf,
  longrope: longropeOf,
  llama3: llama3Of,
}

/**
 * Computes the frequencies of a rotary embedding.
 *
 * @param options - Dimension, base and parameters.
 * @returns The spec.
 * @throws {EmbedderError} `model-unsupported` if the type is not known, `model-invalid` if it lacks a value.
 * @see `transformers.modeling_rope_utils`
 */
export function rotaryOf(options: RotaryOptions): RotarySpec {
  const { parameters, theta } = options
  const type = parameters.string('rope_type', parameters.string('type', 'default'))
  const fraction = parameters.number('partial_rotary_factor', 1)
  if (fraction !== 1) throw unsupported(parameters, `partial_rotary_factor must be 1: current value is ${fraction}`)
  const build = Object.hasOwn(BUILD, type) ? BUILD[type] : undefined
  if (build !== undefined) return build(options, parameters.number('rope_theta', theta))
  throw unsupported(parameters, `rope_type must be one of ${Object.keys(BUILD).join(', ')}: current value is ${type}`)
}

/**
 * Finds the rotary parameters of a family whose layers have the same ones. `rope_scaling`, the old name, goes before `rope_parameters`:
 * neither adds to the other.
 *
 * @param config - `config.json`.
 * @returns A reader of them; of nothing where the config has none.
 * @throws {EmbedderError} `model-invalid` if they are no object, or have a part for each kind of layer.
 * @see `transformers.modeling_rope_utils.RotaryEmbeddingConfigMixin.convert_rope_params_to_dict`
 */
export function rotaryParametersOf(config: ConfigReader): ConfigReader {
  const scaling = objectOf(config, 'rope_scaling')
  const key = Object.keys(scaling).length > 0 ? 'rope_scaling' : 'rope_parameters'
  const values = objectOf(config, key)
  const nested = ['full_attention', 'sliding_attention'].find((type) => Object.hasOwn(values, type))
  if (nested !== undefined) {
    throw new EmbedderError(
      'model-invalid',
      `Cannot read ${config.path} as ${key} must be the same for all layers of this family: current value has ${nested}`,
      { details: { path: config.path, key } },
    )
  }
  const { original_max_position_embeddings: original } = config.values
  return withFraction(config, {
    ...values,
    // Where it stands beside the parameters it counts more than inside.
    ...(typeof original === 'number' && { original_max_position_embeddings: original }),
  })
}

/**
 * Finds the rotary parameters of one kind of layer. `rope_scaling` adds to those in `rope_parameters`, where they are `default` unless it
 * says so under the name `rope_type`.
 *
 * @param config - `config.json`.
 * @param isScaled - Whether `rope_scaling` holds for this kind.
 * @returns A reader of them.
 * @throws {EmbedderError} `model-invalid` if they are no object.
 * @see `transformers.models.gemma3.configuration_gemma3.Gemma3TextConfig.convert_rope_params_to_dict`
 */
export function layerRotaryParametersOf(
  config: ConfigReader,
  layerType: 'full_attention' | 'sliding_attention',
  isScaled: boolean,
): ConfigReader {
  const all = objectOf(config, 'rope_parameters')
  const own = all[layerType] ?? { rope_type: 'default' }
  const scaling = isScaled ? objectOf(config, 'rope_scaling') : {}
  // Python looks for `truncate` beside the kinds of layers, where nothing writes it.
  return withFraction(config, { ...ConfigReader.of(config.path, own).values, ...scaling, truncate: true })
}

/** What stands beside the parameters counts where they lack it. */
function withFraction(config: ConfigReader, values: Readonly<Record<string, unknown>>): ConfigReader {
  return ConfigReader.of(config.path, { partial_rotary_factor: config.values['partial_rotary_factor'], ...values })
}

function objectOf(config: ConfigReader, key: string): Readonly<Record<string, unknown>> {
  return config.has(key) ? ConfigReader.of(`${key} of ${config.path}`, config.values[key]).values : {}
}

/** The base grows with the factor, and all frequencies fall by factor ^ (2 / dim): https://kexue.fm/archives/9706, formula 6. */
function ntkOf({ headDim, parameters }: RotaryOptions, base: number): RotarySpec {
  if (parameters.has('mixed_b')) throw unsupported(parameters, 'rope_type ntk must have no mixed_b')
  const factor = parameters.number('factor', 1)
  const divisor = factor ** (2 / headDim)
  return { inverseFrequencies: frequencies(base * factor, headDim).map((frequency) => frequency / divisor) }
}

/** @see `transformers.modeling_rope_utils._compute_yarn_parameters`, {@link https://arxiv.org/abs/2309.00071 | YaRN} */
function yarnOf({ headDim, positions, parameters }: RotaryOptions, base: number): RotarySpec {
  const original = parameters.number('original_max_position_embeddings', positions)
  const factor = parameters.number('factor', positions / original)
  const dimOf = (rotations: number): number =>
    (headDim * Math.log(original / (rotations * 2 * Math.PI))) / (2 * Math.log(base))
  // Zero counts as left out, as it does in Python.
  const fast = dimOf(parameters.number('beta_fast', 0) || 32)
  const slow = dimOf(parameters.number('beta_slow', 0) || 1)
  const isWhole = parameters.boolean('truncate', true)
  const low = Math.max(isWhole ? Math.floor(fast) : fast, 0)
  const high = Math.min(isWhole ? Math.ceil(slow) : slow, headDim - 1)
  const width = high === low ? 0.001 : high - low
  const inverseFrequencies = frequencies(base, headDim).map((frequency, index) => {
    const share = Math.min(1, Math.max(0, (index - low) / width))
    return (frequency / factor) * share + frequency * (1 - share)
  })
  const [mscale, ofAll] = [parameters.number('mscale', 0), parameters.number('mscale_all_dim', 0)]
  const scale = (by: number): number => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1)
  const attentionFactor = mscale > 0 && ofAll > 0 ? scale(mscale) / scale(ofAll) : scale(1)
  return { inverseFrequencies, attentionFactor: parameters.number('attention_factor', attentionFactor) }
}

/** Texts longer than the original positions have other frequencies in Python, so there must be none. */
function longropeOf({ headDim, positions, parameters }: RotaryOptions, base: number): RotarySpec {
  const original = parameters.number('original_max_position_embeddings', positions)
  const factor = parameters.number('factor', positions / original)
  const factors = parameters.values['short_factor']
  if (!Array.isArray(factors) || factors.length !== headDim / 2 || !factors.every((each) => typeof each === 'number')) {
    throw new EmbedderError(
      'model-invalid',
      `Cannot read ${parameters.path} as short_factor must be a list of ${headDim / 2} numbers`,
      { details: { path: parameters.path } },
    )
  }
  const inverseFrequencies = frequencies(base, headDim).map(
    (frequency, index) => frequency / (factors[index] as number),
  )
  const attentionFactor = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original))
  return {
    inverseFrequencies,
    attentionFactor: parameters.number('attention_factor', attentionFactor),
    maxPositions: original,
  }
}

/** @see `transformers.modeling_rope_utils._compute_llama3_parameters` */
function llama3Of({ headDim, positions, parameters }: RotaryOptions, base: number): RotarySpec {
  const factor = needed(parameters, 'factor')
  const low = needed(parameters, 'low_freq_factor')
  const high = needed(parameters, 'high_freq_factor')
  const original = parameters.number('original_max_position_embeddings', positions)
  const inverseFrequencies = frequencies(base, headDim).map((frequency) => {
    const turns = (original * frequency) / (2 * Math.PI)
    if (turns > high) return frequency
    if (turns < low) return frequency / factor
    const share = (turns - low) / (high - low)
    return ((1 - share) * frequency) / factor + share * frequency
  })
  return { inverseFrequencies }
}

function frequencies(base: number, headDim: number): number[] {
  return Array.from({ length: headDim / 2 }, (_, index) => 1 / base ** ((2 * index) / headDim))
}

/** NaN is refused with the message of a wrong value. */
function needed(parameters: ConfigReader, key: string): number {
  return parameters.number(key, NaN)
}

function unsupported({ path }: ConfigReader, reason: string): EmbedderError {
  return new EmbedderError(
    'model-unsupported',
    `Cannot load ${path} as ${reason}\nLoad another model, or load it with engine: 'transformers' of nestling/onnx if the folder has onnx/ files`,
    { details: { path } },
  )
}
