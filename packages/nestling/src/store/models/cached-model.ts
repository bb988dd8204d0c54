import type { RecordStorage } from '../records/record-storage.js'
import type { StoredDownload, StoredModel } from './stored-model.js'

/** A file of a model in the cache. */
export interface CachedFile {
  /** Path in the model's folder. */
  readonly path: string
  /** Bytes that are stored. */
  readonly sizeBytes: number
  /** SHA-256 of the whole file where the model package or the hub gave one. */
  readonly sha256: string | undefined
}

/** A model in the cache. */
export interface CachedModel {
  /** Names it in the calls of `modelCache`: where it came from, never what is in it. */
  readonly key: string
  /** Name for people. */
  readonly name: string
  /** Whether all of it is here. A download that was broken off is not; the next load goes on with it. */
  readonly isComplete: boolean
  /** Bytes that are stored. */
  readonly sizeBytes: number
  /** When it was stored, in milliseconds since 1970; of a download, when its last bytes came. */
  readonly storedAt: number
  /** When it was last loaded, in milliseconds since 1970; `undefined` for never. */
  readonly lastUsedAt: number | undefined
  readonly files: readonly CachedFile[]
  /** Commit of the hub's repository. */
  readonly commit: string | undefined
}

/**
 * Lists what is stored. A model that is there and is being downloaded again is two entries.
 *
 * @param storage - The records.
 * @param key - Of the only model to look at; all when left out.
 * @returns One entry a model, in the order of their keys, whole ones first.
 * @throws {EmbedderError} `store-unavailable`
 */
export async function listModels(storage: RecordStorage, key?: string): Promise<readonly CachedModel[]> {
  const prefix = key === undefined ? [] : [key]
  const [models, downloads, uses] = await Promise.all([
    storage.list('models', prefix),
    storage.list('downloads', prefix),
    storage.list('uses', ['model', ...prefix]),
  ])
  const lastUse = new Map(uses.map(({ key: [, model], value }) => [model, value]))
  const byModel = new Map<string, StoredDownload[]>()
  for (const {
    key: [model],
    value,
  } of downloads) {
    const name = String(model)
    byModel.set(name, [...(byModel.get(name) ?? []), value])
  }
  const whole = models.map(({ value }) => cachedModelOf(value, lastUse.get(value.key)))
  const broken = [...byModel].map(([model, files]) => fromDownloads(model, files, lastUse.get(model)))
  return [...whole, ...broken].sort(byKey)
}

function byKey(a: CachedModel, b: CachedModel): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return Number(b.isComplete) - Number(a.isComplete)
}

/**
 * Tells callers of a stored model.
 *
 * @param model - Its manifest.
 * @param lastUsedAt - When it was last loaded.
 * @returns What they may know.
 */
export function cachedModelOf(model: StoredModel, lastUsedAt: number | undefined): CachedModel {
  const { key, name, sizeBytes, storedAt, commit } = model
  const files = model.files.map((file) => ({ path: file.path, sizeBytes: file.sizeBytes, sha256: file.sha256 }))
  return { key, name, isComplete: true, sizeBytes, storedAt, lastUsedAt, files, commit }
}

function fromDownloads(key: string, downloads: readonly StoredDownload[], lastUsedAt: number | undefined): CachedModel {
  return {
    key,
    // Nothing but the manifest has a name.
    name: key,
    isComplete: false,
    sizeBytes: downloads.reduce((sum, { loadedBytes }) => sum + loadedBytes, 0),
    storedAt: Math.max(...downloads.map(({ updatedAt }) => updatedAt)),
    lastUsedAt,
    files: downloads.map(({ path, loadedBytes, sha256 }) => ({ path, sizeBytes: loadedBytes, sha256 })),
    commit: downloads.find(({ commit }) => commit !== undefined)?.commit,
  }
}
