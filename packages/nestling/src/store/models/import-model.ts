import { sha256Hex } from '../../model/sha256.js'
import { nextTask } from '@nestling/kit/calls/next-task'
import { cachedModelOf, type CachedModel } from './cached-model.js'
import { damaged, readBytes, readModelFile, type ModelFileHeader } from './model-file.js'
import { withTurn, type ModelTurn, type TurnOptions } from './model-turn.js'
import type { RecordStorage } from '../records/record-storage.js'
import { Sha256Stream } from './sha256-stream.js'
import type { StoredFile } from './stored-model.js'
import { ModelStore } from './model-store.js'

/** Bytes that are hashed in one go: 0.5 ms, and 3 ms while the code is not compiled yet. */
const HASH_STEP_BYTES = 2 ** 15

/**
 * Stores a model from a file that `exportModel` wrote. Its chunks are read one by one; the manifest is committed when all of them
 * are right, so that until then nothing of it can be read, and what was stored under its key stays.
 *
 * @param storage - The records.
 * @param options - How to wait for a tab that writes the model; its signal ends the import too, between chunks.
 * @returns The model as it is stored.
 * @throws {EmbedderError} `model-invalid` if it is no such file, `integrity-mismatch` if it is cut or changed, `quota-exceeded`,
 * `store-unavailable`, also if a tab that writes the model does not answer; on an abort, the signal's reason.
 */
export async function importModel(storage: RecordStorage, blob: Blob, options: TurnOptions = {}): Promise<CachedModel> {
  const { signal } = options
  signal?.throwIfAborted()
  const header = await readModelFile(blob)
  const { key } = header.manifest
  const work = (turn: ModelTurn): Promise<CachedModel> =>
    storeModel(storage, { blob, header, generation: crypto.randomUUID(), signal, turn })
  return withTurn(storage, key, work, options)
}

async function storeModel(storage: RecordStorage, work: ImportWork): Promise<CachedModel> {
  const { header, generation } = work
  const { key, name, commit, absentPaths, files } = header.manifest
  try {
    await deleteOrphans(storage, key)
    await storeFiles(storage, work)
    const store = new ModelStore(storage)
    const model = await store.commitModel({ key, name, commit, absentPaths, files, generation })
    return cachedModelOf(model, model.storedAt)
  } catch (error) {
    await storage.commit([{ deleteAll: 'chunks', prefix: [key, generation] }]).catch(() => undefined)
    throw error
  }
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
  readonly turn: ModelTurn
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
  { blob, header, generation, signal, turn }: ImportWork,
  { file, start }: { readonly file: StoredFile; readonly start: number },
): Promise<void> {
  const whole = file.sha256 === undefined ? undefined : new Sha256Stream()
  for (const [index, sha256] of file.chunkSha256.entries()) {
    signal?.throwIfAborted()
    const offset = index * file.chunkBytes
    const value = await readBytes(blob, start + offset, Math.min(file.chunkBytes, file.sizeBytes - offset))
    if ((await sha256Hex(value)) !== sha256) throw changed(file.path)
    if (whole !== undefined) await hash(whole, value)
    turn.tell({ loadedBytes: start + offset, totalBytes: blob.size })
    // Intentionally without a download's record: what a file says was never seen on a server, so no load may go on with it.
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

function changed(path: string): Error {
  return damaged(`the bytes of ${path} are not those of its manifest: it was changed`, { path })
}
