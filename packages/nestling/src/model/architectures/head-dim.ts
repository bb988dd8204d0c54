import { EmbedderError } from '../../wire/embedder-error.js'
import type { ConfigReader } from '../configs/config-reader.js'

/**
 * Divides the hidden size among the heads.
 *
 * @param config - The config, for messages.
 * @param heads - Number of heads.
 * @returns Length of a head.
 * @throws {EmbedderError} `model-invalid` if it does not divide.
 */
export function headDimOf(config: ConfigReader, hidden: number, heads: number): number {
  if (hidden % heads === 0) return hidden / heads
  throw new EmbedderError(
    'model-invalid',
    `Cannot read ${config.path} as hidden_size must be a multiple of num_attention_heads: current values are ${hidden} and ${heads}`,
    { details: { path: config.path } },
  )
}
