import { EmbedderError } from '../../wire/embedder-error.js'
import type { Device } from '../../wire/protocol.js'
import { importModule } from '../import-module.js'
import type { TransformersChunk } from './onnx-session.js'

/**
 * Loads our bundle of transformers.js from its URL; those who do not use it never pay for it.
 *
 * @param device - Each device gets an instance of its own: after a failed session an instance opens no other.
 * @returns What it exports.
 * @throws {EmbedderError} `environment-unsupported` if it cannot be loaded, `model-fetch-failed` if it does not come.
 */
export async function loadTransformersChunk(url: string, device: Device): Promise<TransformersChunk> {
  try {
    // The fragment makes another module of the same file.
    return (await importModule(`${url}#${device}`)) as TransformersChunk
  } catch (cause) {
    if (cause instanceof EmbedderError) throw cause
    throw new EmbedderError(
      'environment-unsupported',
      `Cannot load the engine transformers as ${url} is not there or may not run here\nServe dist/transformers.js, or say where it is with assetBaseUrl`,
      { cause, details: { url } },
    )
  }
}
