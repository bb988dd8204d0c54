import { EmbedderError } from '../wire/embedder-error.js'
import { ConfigReader } from './configs/config-reader.js'
import type { PoolingMode } from './encoder-spec.js'
import type { ModelFolder } from './model-folder.js'
import { readModules, type ModuleChain } from './configs/modules.js'

/** What sentence-transformers saves beside models of this kind, by `model_type`; `ColBERT` is PyLate's. */
const OTHER_MODELS: ReadonlyMap<string, string> = new Map([
  [
    'CrossEncoder',
    'it scores pairs of texts and has no embeddings: take it in Python to rank what an embedding model finds',
  ],
  ['SparseEncoder', 'its vectors have a weight for each word: take a model of dense vectors'],
  ['MultiVectorEncoder', 'it has a vector for each token: take a model with one vector for each text'],
  ['ColBERT', 'it has a vector for each token: take a model with one vector for each text'],
])

/** Heads of other tasks by the end of a name in `architectures`. Language models are no other task: they are embedded as they are. */
const OTHER_HEADS: ReadonlyMap<string, string> = new Map([
  ['ForSequenceClassification', 'it gives scores, as rerankers (CrossEncoder) and classifiers do'],
  ['ForTokenClassification', 'it gives a label for each token'],
  ['ForQuestionAnswering', 'it marks answers'],
  ['ForMultipleChoice', 'it gives scores of answers'],
  ['ForNextSentencePrediction', 'it gives scores of pairs of texts'],
  ['ColBERT', 'it has a vector for each token: take a model with one vector for each text'],
])

/**
 * Reads which modules a folder chains, and refuses a network of another task: it would give vectors that nobody trained.
 *
 * @returns The modules in order; where there is no modules.json, what sentence-transformers takes.
 * @throws {EmbedderError} `model-unsupported` if the model is of another task, or a module is not known; `model-invalid` if a file is
 * broken.
 * @see `sentence_transformers.base.model.BaseModel._load_modules`
 */
export async function readModuleChain(folder: ModelFolder): Promise<ModuleChain> {
  const modules = await folder.readTextOptional('modules.json')
  if (modules !== undefined) return readModules(modules)
  const model = ConfigReader.parse('config.json', await folder.readText('config.json'))
  const architectures = Array.isArray(model.values['architectures']) ? (model.values['architectures'] as unknown[]) : []
  const [first] = architectures
  const name = typeof first === 'string' ? first : ''
  const head = [...OTHER_HEADS.keys()].find((end) => name.endsWith(end))
  if (head !== undefined) throw otherTask(folder, 'architectures of config.json', name, OTHER_HEADS.get(head))
  return defaultModules(isCausal(model, name) ? 'lasttoken' : 'mean')
}

/**
 * Refuses a folder that sentence-transformers saved for another kind of model.
 *
 * @param folder - The folder, for messages.
 * @param config - config_sentence_transformers.json.
 * @throws {EmbedderError} `model-unsupported` if `model_type` is another one.
 */
export function refuseOtherModels(folder: ModelFolder, config: ConfigReader): void {
  const kind = config.string('model_type', 'SentenceTransformer')
  if (kind === 'SentenceTransformer') return
  throw otherTask(folder, `model_type of ${config.path}`, kind, OTHER_MODELS.get(kind))
}

/** @see `sentence_transformers.SentenceTransformer._load_default_modules` */
function isCausal(model: ConfigReader, architecture: string): boolean {
  return architecture.endsWith('ForCausalLM') && model.boolean('is_causal', true)
}

function defaultModules(mode: PoolingMode): ModuleChain {
  return [
    { kind: 'Transformer', path: '' },
    { kind: 'Pooling', path: '', modes: [mode] },
  ]
}

function otherTask({ name }: ModelFolder, where: string, value: string, why: string | undefined): EmbedderError {
  const reason = why === undefined ? '' : ` (${why})`
  return new EmbedderError(
    'model-unsupported',
    `Cannot load ${name} as ${where} must be that of an embedding model: current value is ${value}${reason}\nLoad a model that SentenceTransformer saved`,
    { details: { where, value } },
  )
}
