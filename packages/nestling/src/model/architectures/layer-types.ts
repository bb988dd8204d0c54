import { EmbedderError } from '../../wire/embedder-error.js'
import type { ConfigReader } from '../configs/config-reader.js'
import { LIMITS } from './architecture.js'

/** Kinds of attention by their names in configs. */
export type LayerType = 'full_attention' | 'sliding_attention'

/**
 * Reads which layers see everything and which a window.
 *
 * @param config - `config.json`.
 * @param isFull - The family's rule, for configs without `layer_types`.
 * @throws {EmbedderError} `model-invalid` if `layer_types` does not fit `num_hidden_layers`, `model-unsupported` for another type.
 */
export function layerTypesOf(config: ConfigReader, isFull: (index: number) => boolean): LayerType[] {
  const layers = config.integer('num_hidden_layers', LIMITS.layers)
  if (!config.has('layer_types')) {
    return Array.from({ length: layers }, (_, index) => (isFull(index) ? 'full_attention' : 'sliding_attention'))
  }
  const types = config.values['layer_types']
  if (!Array.isArray(types) || types.length !== layers) {
    throw new EmbedderError(
      'model-invalid',
      `Cannot read ${config.path} as layer_types must be a list of ${layers} types`,
      { details: { path: config.path } },
    )
  }
  return types.map((type: unknown) => {
    if (type === 'full_attention' || type === 'sliding_attention') return type
    throw new EmbedderError(
      'model-unsupported',
      `Cannot load ${config.path} as layer_types must be full_attention or sliding_attention: current value is ${String(type)}`,
      { details: { path: config.path } },
    )
  })
}
