import { EmbedderError } from '../../wire/embedder-error.js'
import { ConfigReader, parseJson } from './config-reader.js'
import type { PoolingMode } from '../encoder-spec.js'
import { isInsideFolder } from './inner-path.js'

/** Modules that a folder may chain, by the last part of their class name. */
const MODULE_KINDS = ['Transformer', 'StaticEmbedding', 'Pooling', 'Dense', 'LayerNorm', 'Normalize'] as const

const ROUTER_HINT =
  'Queries and documents take different ways through this model: load one with a single chain of modules'
const SPARSE_HINT = 'Its vectors have a weight for each word: load a model of dense vectors'
const MULTI_VECTOR_HINT = 'It has a vector for each token: load a model with one vector for each text'

/** What modules are for that no chain of ours can have. */
const MODULE_HINTS: ReadonlyMap<string, string> = new Map([
  ['Asym', ROUTER_HINT],
  ['Router', ROUTER_HINT],
  ['CSRSparsity', SPARSE_HINT],
  ['SparseAutoEncoder', SPARSE_HINT],
  ['SparseStaticEmbedding', SPARSE_HINT],
  ['SpladePooling', SPARSE_HINT],
  ['HierarchicalTokenPooling', MULTI_VECTOR_HINT],
  ['MultiVectorMask', MULTI_VECTOR_HINT],
  ['LogitScore', 'It scores pairs of texts and has no embeddings: load a model that SentenceTransformer saved'],
  ['CLIPModel', 'It is made for images too: load a model of texts'],
])

/** One of the known modules. */
export type ModuleKind = (typeof MODULE_KINDS)[number]

/** One entry of modules.json. */
export interface ModuleEntry {
  readonly kind: ModuleKind
  /** Folder of the module, without a slash at the end; empty for the model's own folder. */
  readonly path: string
  /** Of a Pooling that no file describes. */
  readonly modes?: readonly PoolingMode[]
}

/** The modules of a folder in order; the first is a Transformer or a StaticEmbedding. */
export type ModuleChain = readonly [ModuleEntry, ...ModuleEntry[]]

/** More modules than any real model chains. */
const MAX_MODULES = 32

/**
 * Reads the chain of modules.
 *
 * Classes were renamed in sentence-transformers 5.4 (`sentence_transformers.models.Pooling` became
 * `sentence_transformers.sentence_transformer.modules.pooling.Pooling`), so only the last part counts.
 *
 * @param text - Text of modules.json.
 * @returns The modules in order.
 * @throws {EmbedderError} `model-invalid` if it is broken or names a path outside the folder, `model-unsupported` if a module is
 * not known.
 */
export function readModules(text: string): ModuleChain {
  const entries = parseJson('modules.json', text)
  if (!Array.isArray(entries) || entries.length === 0 || entries.length > MAX_MODULES) {
    throw new EmbedderError(
      'model-invalid',
      `Cannot read modules.json as it must be a list of 1 to ${MAX_MODULES} modules`,
      {
        details: { path: 'modules.json' },
      },
    )
  }
  const [first, ...rest] = entries.map((entry) => readEntry(ConfigReader.of('modules.json', entry)))
  if (first?.kind !== 'Transformer' && first?.kind !== 'StaticEmbedding') {
    const found = first?.kind ?? 'none'
    throw unsupported(`the first module must be a Transformer or StaticEmbedding: current value is ${found}`)
  }
  return [first, ...rest]
}

function readEntry(entry: ConfigReader): ModuleEntry {
  const type = entry.string('type')
  const name = type.slice(type.lastIndexOf('.') + 1)
  const kind = MODULE_KINDS.find((known) => known === name)
  if (kind === undefined) {
    const hint = MODULE_HINTS.get(name) ?? 'Load another model'
    throw unsupported(`a module must be one of ${MODULE_KINDS.join(', ')}: current value is ${type}\n${hint}`)
  }
  const path = entry.string('path', '')
  if (!isInsideFolder(path)) {
    throw new EmbedderError(
      'model-invalid',
      `Cannot read modules.json as path must stay inside the folder: current value is ${JSON.stringify(path)}`,
      { details: { path: 'modules.json' } },
    )
  }
  return { kind, path }
}

function unsupported(reason: string): EmbedderError {
  return new EmbedderError('model-unsupported', `Cannot load modules.json as ${reason}`, {
    details: { path: 'modules.json' },
  })
}
