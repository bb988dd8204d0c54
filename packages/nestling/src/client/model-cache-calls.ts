import { listModels } from '../store/cached-model.js'
import { clearModels, deleteModel } from '../store/delete-model.js'
import { exportModel } from '../store/export-model.js'
import { importModel } from '../store/import-model.js'
import { openStorage, type OpenedStorage } from '../store/open-storage.js'
import { verifyModels } from '../store/verify-models.js'
import { EmbedderError } from '../wire/embedder-error.js'
import { untilAborted } from './abort.js'
import { checkKeys, checkType, show, VALUE_TYPES, type KnownKeys } from './check-options.js'
import type { ModelCache, ModelCacheOptions } from './model-cache.js'

const KNOWN_OPTIONS: KnownKeys<ModelCacheOptions> = { signal: true }

/** What `modelCache` does, once its code is here. The database is open only during a call: pages of a later version may upgrade it. */
export const modelCacheCalls: ModelCache = {
  list: () => run('list models', {}, ({ storage }) => listModels(storage)),
  size: (key) =>
    run('tell the size of models', {}, async ({ storage }) => {
      const models = await listModels(storage, checkKey('tell the size of a model', key))
      return models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    }),
  verify: (key, options = {}) =>
    run('verify models', options, ({ storage }, signal) =>
      verifyModels(storage, { key: checkKey('verify a model', key), signal }),
    ),
  delete: (key, options = {}) =>
    run('delete a model', options, ({ storage }, signal) =>
      deleteModel(storage, requireKey('delete a model', key), signal),
    ),
  clear: (options = {}) => run('delete models', options, ({ storage }, signal) => clearModels(storage, signal)),
  export: (key, options = {}) =>
    run('export a model', options, ({ storage }, signal) =>
      exportModel(storage, requireKey('export a model', key), signal),
    ),
  import: (file, options = {}) =>
    run('import a model', options, ({ storage, reason }, signal) => {
      if (!(file instanceof Blob)) {
        throw new TypeError(`Cannot import a model as it must be a Blob or a File: current value is ${show(file)}`)
      }
      if (reason !== undefined) throw notStorable(reason)
      return importModel(storage, file, signal)
    }),
}

async function run<T>(
  action: string,
  options: ModelCacheOptions,
  work: (opened: OpenedStorage, signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  checkKeys(action, options, KNOWN_OPTIONS)
  const signal = checkType(action, 'signal', options.signal, VALUE_TYPES.signal)
  signal?.throwIfAborted()
  const opened = await openStorage()
  const running = (async () => work(opened, signal))()
  const closing = running.finally(() => {
    opened.storage.close()
  })
  return untilAborted(closing, signal, () => undefined)
}

/** A number or `null` would be looked up as a key that is not there, and «nothing» would be the wrong answer. */
function checkKey(action: string, key: unknown): string | undefined {
  return key === undefined ? undefined : requireKey(action, key)
}

function requireKey(action: string, key: unknown): string {
  if (typeof key === 'string') return key
  throw new TypeError(
    `Cannot ${action} as its key must be a string of modelCache.list(): current value is ${show(key)}`,
  )
}

function notStorable(reason: string): EmbedderError {
  return new EmbedderError(
    'store-unavailable',
    `Cannot import a model as ${reason}\nLoad the model from its files instead, or open the page where storage is allowed`,
    { details: { reason } },
  )
}
