import { EmbedderError } from '../wire/embedder-error.js'
import { ConfigReader, parseJson } from './config-reader.js'
import { isInsideFolder } from './inner-path.js'

/** Modules that a folder may chain, by the last part of their class name. */
const MODULE_KINDS = ['Transformer', 'Pooling', 'Dense', 'Normalize'] as const

/** One of the known modules. */
export type ModuleKind = (typeof MODULE_KINDS)[number]

/** One entry of modules.json. */
export interface ModuleEntry {
  readonly kind: ModuleKind
  /** Folder of the module, without a slash at the end; empty for the model's own folder. */
  readonly path: string
}

/** The modules of a folder in order; the first is a Transformer. */
export type ModuleChain = readonly [ModuleEntry, ...ModuleEntry[]]

/**
 * What sentence-transformers takes when there is no modules.json.
 *
 * @see `SentenceTransformer._load_default_modules`
 */
const DEFAULT_MODULES: ModuleChain = [{ kind: 'Transformer', path: '' }]

/** More modules than any real model chains. */
const MAX_MODULES = 32

/**
 * Reads the chain of modules.
 *
 * Classes were renamed in sentence-transformers 5.4 (`sentence_transformers.models.Pooling` became
 * `sentence_transformers.sentence_transformer.modules.pooling.Pooling`), so only the last part counts.
 *
 * @param text - Text of modules.json; `undefined` when the folder has none.
 * @returns The modules in order.
 * @throws {EmbedderError} `model-invalid` if it is broken or names a path outside the folder, `model-unsupported` if a module is
 * not known.
 */
export function readModules(text: string | undefined): ModuleChain {
  if (text === undefined) return DEFAULT_MODULES
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
  if (first?.kind !== 'Transformer') {
    throw unsupported(`the first module must be a Transformer: current value is ${first?.kind ?? 'none'}`)
  }
  return [first, ...rest]
}

function readEntry(entry: ConfigReader): ModuleEntry {
  const type = entry.string('type')
  const name = type.slice(type.lastIndexOf('.') + 1)
  const kind = MODULE_KINDS.find((known) => known === name)
  if (kind === undefined)
    throw unsupported(`a module must be one of ${MODULE_KINDS.join(', ')}: current value is ${type}`)
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
