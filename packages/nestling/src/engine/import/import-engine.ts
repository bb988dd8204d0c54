import { EmbedderError } from '../../wire/embedder-error.js'
import { importModule } from './import-module.js'

/**
 * Loads what runs models in onnxruntime-web from its URL; those who do not use it never pay for it.
 *
 * @param engine - Which engine it is.
 * @returns What it exports.
 * @throws {EmbedderError} `environment-unsupported` if it cannot be loaded, `model-fetch-failed` if it does not come.
 */
export async function importEngine(engine: 'onnx' | 'transformers', url: string): Promise<unknown> {
  try {
    return await importModule(url)
  } catch (cause) {
    if (cause instanceof EmbedderError) throw cause
    const [file = url] = url.split('#')
    throw engineMissing(engine, `${file} is not there or may not run here`, { cause, url: file })
  }
}

/**
 * Says that an engine cannot be had, and what brings it.
 *
 * @param engine - Which engine.
 * @param reason - Why.
 * @param known - What is known of the failure.
 * @returns The error.
 */
export function engineMissing(
  engine: 'onnx' | 'transformers',
  reason: string,
  { cause, ...details }: Readonly<{ cause?: unknown; url?: string; runtime?: string }> = {},
): EmbedderError {
  return new EmbedderError(
    'environment-unsupported',
    `Cannot load the engine ${engine} as ${reason}\nImport load from nestling/onnx, or give assetBaseUrl of a folder that npx nestling copy-assets --${engine} filled`,
    { cause, details },
  )
}
