import { EmbedderError } from '../../wire/embedder-error.js'
import type { Architecture } from './architecture.js'
import { bert } from './bert.js'
import { roberta } from './roberta.js'

/** Known families by `model_type` of config.json. A new one is a file here, its line in this table and a fixture. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = { bert, roberta }

/**
 * Finds the family of a model.
 *
 * @param modelType - `model_type` of config.json.
 * @param path - The config's path, for messages.
 * @returns The family.
 * @throws {EmbedderError} `model-unsupported` if it is not known.
 */
export function findArchitecture(modelType: string, path: string): Architecture {
  const architecture = Object.hasOwn(ARCHITECTURES, modelType) ? ARCHITECTURES[modelType] : undefined
  if (architecture !== undefined) return architecture
  const known = Object.keys(ARCHITECTURES).join(', ')
  throw new EmbedderError(
    'model-unsupported',
    `Cannot load ${path} as model_type must be one of ${known}: current value is ${modelType}\nLoad another model, or load it with engine: 'transformers' if the folder has onnx/ files`,
    { details: { path, modelType } },
  )
}
