import { nextTask } from '../wire/next-task.js'
import { cachedModelOf, type CachedModel } from './cached-model.js'
import { digestChunk } from './digest-chunk.js'
import { damaged, readBytes, readModelFile, type ModelFileHeader } from './model-file.js'
import { withModelLock } from './model-lock.js'
import type { Change, RecordStorage } from './record-storage.js'
import { Sha256Stream } from './sha256-stream.js'
import { CHUNK_BYTES, type StoredFile, type StoredModel } from './stored-model.js'

/** Bytes that are hashed in one go: about 2 ms. */
const HASH_STEP_BYTES = 2 ** 17

/**
 * Stores a model from a file that `exportModel` wrote. Its chunks are read one by one; the manifest is committed when all of them
 * are right, so that until then nothing of it can be read, and what was stored under its key stays.
 *
 * @param storage - The records.
 * @param blob - The file.
 * @param signal - Ends it between chunks.
 * @returns The model as it is stored.
 * @throws {EmbedderError} `model-invalid` if it is no such file, `integrity-mismatch` if it is cut or changed, `quota-exceeded`,
 * `store-unavailable`; on an abort, the signal's reason.
 */
export async function importModel(storage: RecordStorage, blob: Blob, signal?: AbortSignal): Promise<CachedModel> {
  signal?.throwIfAborted()
  const header = await readModelFile(blob)
  const { key } = header.manifest
  return withModelLock(key, signal, async () => {
    const generation = crypto.randomUUID()
    try {
      await deleteOrphans(storage, key)
      await storeFiles(storage, { blob, header, generation, signal })
      return await commitManifest(storage, { ...header.manifest, generation, storedAt: Date.now() })
    } catch (error) {
      await storage.commit([{ deleteAll: 'chunks', prefix: [key, generation] }]).catch(() => undefined)
      throw error
    }
  })
}

/** A page that was closed while it imported left its chunks behind. */
async function deleteOrphans(storage: RecordStorage, key: string): Promise<void> {
  const [chunks, model, downloads] = await Promise.all([
    storage.keys('chunks', [key]),
    storage.get('models', [key]),
    storage.keys('downloads', [key]),
  ])
  const known = new Set([model?.generation, ...downloads.map(([, generation]) => generation)])
  const orphans = new Set(chunks.map(([, generation]) => String(generation)).filter((found) => !known.has(found)))
  await storage.commit([...orphans].map((generation) => ({ deleteAll: 'chunks', prefix: [key, generation] })))
}

interface ImportWork {
  readonly blob: Blob
  readonly header: ModelFileHeader
  readonly generation: string
  readonly signal: AbortSignal | undefined
}

async function storeFiles(storage: RecordStorage, work: ImportWork): Promise<void> {
  let start = work.header.filesStart
  for (const file of work.header.manifest.files) {
    await storeFile(storage, work, { file, start })
    start += file.sizeBytes
  }
}

async function storeFile(
  storage: RecordStorage,
  { blob, header, generation, signal }: ImportWork,
  { file, start }: { readonly file: StoredFile; readonly start: number },
): Promise<void> {
  const whole = file.sha256 === undefined ? undefined : new Sha256Stream()
  for (const [index, sha256] of file.chunkSha256.entries()) {
    signal?.throwIfAborted()
    const offset = index * CHUNK_BYTES
    const value = await readBytes(blob, start + offset, Math.min(CHUNK_BYTES, file.sizeBytes - offset))
    if ((await digestChunk(value)) !== sha256) throw changed(file.path)
    if (whole !== undefined) await hash(whole, value)
    await storage.commit([{ put: 'chunks', key: [header.manifest.key, generation, file.path, index], value }])
  }
  if (whole !== undefined && whole.finish() !== file.sha256) throw changed(file.path)
}

async function hash(stream: Sha256Stream, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.byteLength; start += HASH_STEP_BYTES) {
    stream.update(bytes.subarray(start, start + HASH_STEP_BYTES))
    await nextTask()
  }
}

async function commitManifest(storage: RecordStorage, model: StoredModel): Promise<CachedModel> {
  const { key, generation } = model
  const chunks = await storage.keys('chunks', [key])
  const older = new Set(chunks.map((chunk) => String(chunk[1])).filter((found) => found !== generation))
  const changes: Change[] = [
    { put: 'models', key: [key], value: model },
    { deleteAll: 'downloads', prefix: [key] },
    ...[...older].map((found): Change => ({ deleteAll: 'chunks', prefix: [key, found] })),
    { put: 'uses', key: ['model', key], value: model.storedAt },
  ]
  await storage.commit(changes)
  return cachedModelOf(model, model.storedAt)
}

function changed(path: string): Error {
  return damaged(`the bytes of ${path} are not those of its manifest: it was changed`, { path })
}
