import { EmbedderError } from '../../wire/embedder-error.js'
import type { ConfigReader } from './config-reader.js'
import type { PoolingMode } from '../encoder-spec.js'

/** Flags of the old format in the order in which their results are joined. */
const OLD_FLAGS: readonly (readonly [string, PoolingMode])[] = [
  ['pooling_mode_cls_token', 'cls'],
  ['pooling_mode_max_tokens', 'max'],
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len_tokens'],
  ['pooling_mode_weightedmean_tokens', 'weightedmean'],
  ['pooling_mode_lasttoken', 'lasttoken'],
]

const MODES: readonly PoolingMode[] = OLD_FLAGS.map(([, mode]) => mode)

/**
 * Reads which pooling modes a Pooling module joins, in order; old and new format.
 *
 * @param config - The module's config.json.
 * @returns At least one mode.
 * @throws {EmbedderError} `model-unsupported` if a mode is not known.
 * @see `sentence_transformers.sentence_transformer.modules.pooling.Pooling`
 */
export function readPoolingModes(config: ConfigReader): readonly PoolingMode[] {
  if (config.has('pooling_mode')) {
    const value = config.values['pooling_mode']
    const names: readonly unknown[] = Array.isArray(value) ? value : [value]
    if (names.length > 0) return names.map((name) => toMode(name, config.path))
  }
  const unknown = Object.entries(config.values).find(
    ([key, value]) => key.startsWith('pooling_mode_') && value === true && !OLD_FLAGS.some(([flag]) => flag === key),
  )
  if (unknown !== undefined) throw unknownMode(unknown[0], config.path)
  const modes = OLD_FLAGS.filter(([flag]) => config.boolean(flag, false)).map(([, mode]) => mode)
  return modes.length === 0 ? ['mean'] : modes
}

function toMode(name: unknown, path: string): PoolingMode {
  const mode = MODES.find((known) => known === name)
  if (mode !== undefined) return mode
  throw unknownMode(name, path)
}

function unknownMode(name: unknown, path: string): EmbedderError {
  return new EmbedderError(
    'model-unsupported',
    `Cannot load ${path} as pooling_mode must be one of ${MODES.join(', ')}: current value is ${JSON.stringify(name)}\nLoad another model`,
    { details: { path } },
  )
}
