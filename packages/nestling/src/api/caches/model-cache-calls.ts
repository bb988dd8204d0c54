import { listModels } from '../../store/models/cached-model.js'
import { clearModels, deleteModel } from '../../store/models/delete-model.js'
import { exportModel } from '../../store/models/export-model.js'
import { importModel } from '../../store/models/import-model.js'
import type { OpenedStorage } from '../../store/records/opened-storage.js'
import { openStorage } from '../../store/records/open-storage.js'
import type { TurnOptions } from '../../store/models/model-turn.js'
import { verifyModels } from '../../store/models/verify-models.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import { untilAborted } from '@nestling/kit/calls/until-aborted'
import { callListener } from '@nestling/kit/calls/call-listener'
import { checkKeys, checkSignal, checkType, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import type { ModelCache, ModelCacheOptions, ModelWriteOptions } from './model-cache.js'

const KNOWN_OPTIONS: KnownKeys<ModelCacheOptions> = { signal: true }
const KNOWN_WRITE_OPTIONS: KnownKeys<ModelWriteOptions> = { signal: true, onWait: true }

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
    write('delete a model', options, ({ storage }, how) =>
      deleteModel(storage, requireKey('delete a model', key), how),
    ),
  clear: (options = {}) => write('delete models', options, ({ storage }, how) => clearModels(storage, how)),
  export: (key, options = {}) =>
    run('export a model', options, ({ storage }, signal) =>
      exportModel(storage, requireKey('export a model', key), signal),
    ),
  import: (file, options = {}) =>
    write('import a model', options, ({ storage, reason }, how) => {
      if (!(file instanceof Blob)) {
        throw new TypeError(`Cannot import a model as it must be a Blob or a File: current value is ${show(file)}`)
      }
      if (reason !== undefined) throw notStorable(reason)
      return importModel(storage, file, how)
    }),
}

/** Calls that other tabs may have to be waited for. */
async function write<T>(
  action: string,
  options: ModelWriteOptions,
  work: (opened: OpenedStorage, how: TurnOptions) => Promise<T>,
): Promise<T> {
  checkKeys(action, options, KNOWN_WRITE_OPTIONS)
  const onWait = checkType(action, 'onWait', options.onWait, 'function')
  let isTold = false
  const tellOnce = (): void => {
    if (!isTold) callListener(onWait, undefined)
    isTold = true
  }
  return run(action, { signal: options.signal }, (opened, signal) => work(opened, { signal, onWait: tellOnce }))
}

async function run<T>(
  action: string,
  options: ModelCacheOptions,
  work: (opened: OpenedStorage, signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  checkKeys(action, options, KNOWN_OPTIONS)
  const signal = checkSignal(action, options.signal)
  signal?.throwIfAborted()
  const running = async (): Promise<T> => {
    const opened = await openStorage()
    try {
      signal?.throwIfAborted()
      return await work(opened, signal)
    } finally {
      opened.storage.close()
    }
  }
  return untilAborted(running(), signal, () => undefined)
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
