import { sha256Hex } from '../../model/sha256.js'
import type { StoreKey } from '../records/database-schema.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredDownload, StoredModel } from './stored-model.js'

/** What was found of one model. */
export interface ModelVerification {
  /** The key of the model. */
  readonly key: string
  /** Whether it is a whole model; else a download that was broken off. */
  readonly isComplete: boolean
  /** Whether every byte is the one that was stored. */
  readonly isOk: boolean
  /** Paths of files of which a chunk is missing or has other bytes. */
  readonly wrongFiles: readonly string[]
}

/** What `modelCache.verify()` found. */
export interface CacheVerification {
  /** Whether all models are. */
  readonly isOk: boolean
  readonly models: readonly ModelVerification[]
  /** Chunks that no model reads: of an import that is going on, or that ended with its page. They cost room and no more. */
  readonly orphanChunks: number
}

/** Files whose chunks belong together. */
interface ChunkedFiles {
  readonly key: string
  readonly isComplete: boolean
  readonly generation: string
  readonly files: readonly { readonly path: string; readonly chunkSha256: readonly string[] }[]
}

/**
 * Reads every chunk and compares its SHA-256 with the one of the manifest.
 *
 * @param storage - The records.
 * @param options - `key`: of the only model to look at; `signal`: ends it between chunks.
 * @param options.key - Of the only model to look at.
 * @param options.signal - Ends it between chunks.
 * @returns What was found.
 * @throws {EmbedderError} `store-unavailable`; on an abort, the signal's reason.
 */
export async function verifyModels(
  storage: RecordStorage,
  options: { readonly key?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<CacheVerification> {
  const prefix = options.key === undefined ? [] : [options.key]
  // Before the manifests: what is stored meanwhile is no orphan.
  const chunkKeys = await storage.keys('chunks', prefix)
  const stored = await listChunkedFiles(storage, prefix)
  const models: ModelVerification[] = []
  for (const entry of stored) {
    const found = await verifyEntry(storage, entry, options.signal)
    if (found !== undefined) models.push(found)
  }
  const isKnown = await chunkFilter(storage, prefix)
  const left = new Set((await storage.keys('chunks', prefix)).map((key) => JSON.stringify(key)))
  const orphans = chunkKeys.filter((key) => !isKnown(key) && left.has(JSON.stringify(key)))
  return { isOk: models.every(({ isOk }) => isOk), models, orphanChunks: orphans.length }
}

async function listChunkedFiles(storage: RecordStorage, prefix: StoreKey): Promise<ChunkedFiles[]> {
  const [models, downloads] = await Promise.all([storage.list('models', prefix), storage.list('downloads', prefix)])
  const whole = models.map(({ value }) => fromManifest(value))
  return [...whole, ...fromDownloads(downloads)].sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
}

function fromManifest({ key, generation, files }: StoredModel): ChunkedFiles {
  return { key, isComplete: true, generation, files }
}

function fromDownloads(
  downloads: readonly { readonly key: StoreKey; readonly value: StoredDownload }[],
): ChunkedFiles[] {
  const entries = new Map<string, { key: string; isComplete: false; generation: string; files: StoredDownload[] }>()
  for (const { key, value } of downloads) {
    const id = JSON.stringify(key.slice(0, 2))
    const entry = entries.get(id) ?? { key: String(key[0]), isComplete: false, generation: value.generation, files: [] }
    entry.files.push(value)
    entries.set(id, entry)
  }
  return [...entries.values()]
}

/** `undefined` where the model went away or was replaced meanwhile, which is nobody's fault. */
async function verifyEntry(
  storage: RecordStorage,
  entry: ChunkedFiles,
  signal: AbortSignal | undefined,
): Promise<ModelVerification | undefined> {
  const { key, isComplete, generation } = entry
  const wrongFiles: string[] = []
  for (const { path, chunkSha256 } of entry.files) {
    for (const [index, sha256] of chunkSha256.entries()) {
      signal?.throwIfAborted()
      const chunk = await storage.get('chunks', [key, generation, path, index])
      if (chunk !== undefined && (await sha256Hex(chunk)) === sha256) continue
      wrongFiles.push(path)
      break
    }
  }
  if (wrongFiles.length === 0) return { key, isComplete, isOk: true, wrongFiles }
  const still = (await listChunkedFiles(storage, [key])).some((now) => isSameEntry(now, entry))
  return still ? { key, isComplete, isOk: false, wrongFiles } : undefined
}

function isSameEntry(a: ChunkedFiles, b: ChunkedFiles): boolean {
  return a.key === b.key && a.isComplete === b.isComplete && a.generation === b.generation
}

/** Tells of a chunk's key whether a manifest or a download reads it. */
async function chunkFilter(storage: RecordStorage, prefix: StoreKey): Promise<(key: StoreKey) => boolean> {
  const counts = new Map<string, number>()
  for (const { key, generation, files } of await listChunkedFiles(storage, prefix)) {
    for (const { path, chunkSha256 } of files) counts.set(JSON.stringify([key, generation, path]), chunkSha256.length)
  }
  return (key) => Number(key[3]) < (counts.get(JSON.stringify(key.slice(0, 3))) ?? 0)
}
