import { EmbedderError } from '../../wire/embedder-error.js'
import { albert } from './albert.js'
import type { Architecture } from './architecture.js'
import { bert } from './bert.js'
import { distilbert } from './distilbert.js'
import { electra } from './electra.js'
import { gemma3Text } from './gemma3.js'
import { gte } from './gte.js'
import { modernbert } from './modernbert.js'
import { mpnet } from './mpnet.js'
import { nomicBert } from './nomic-bert.js'
import { qwen3 } from './qwen3.js'
import { roberta } from './roberta.js'
import { t5 } from './t5.js'

/** Known families by `model_type` of config.json. A new one is a file here, its line in this table and a fixture. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  albert,
  bert,
  camembert: roberta,
  distilbert,
  electra,
  gemma3_text: gemma3Text,
  gte,
  modernbert,
  mpnet,
  // What the first GTE checkpoints call themselves.
  new: gte,
  nomic_bert: nomicBert,
  qwen3,
  roberta,
  t5,
  'xlm-roberta': roberta,
}

/**
 * Finds the family of a model.
 *
 * @param modelType - `model_type` of config.json.
 * @param path - The config's path, for messages.
 * @throws {EmbedderError} `model-unsupported` if it is not known.
 */
export function findArchitecture(modelType: string, path: string): Architecture {
  const architecture = Object.hasOwn(ARCHITECTURES, modelType) ? ARCHITECTURES[modelType] : undefined
  if (architecture !== undefined) return architecture
  const known = Object.keys(ARCHITECTURES).join(', ')
  throw new EmbedderError(
    'model-unsupported',
    `Cannot load ${path} as model_type must be one of ${known}: current value is ${modelType}\nLoad another model, or load it with engine: 'transformers' of nestling/onnx if the folder has onnx/ files`,
    { details: { path, modelType } },
  )
}
