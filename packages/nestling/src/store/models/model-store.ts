import { EmbedderError } from '../../wire/embedder-error.js'
import { ChunkWriter } from './chunk-writer.js'
import { readStoredFile } from './read-stored-file.js'
import type { Change, RecordStorage } from '../records/record-storage.js'
import {
  CHUNK_BYTES,
  type FileVersion,
  type StoredDownload,
  type StoredFile,
  type StoredModel,
} from './stored-model.js'

/** What of a manifest the writer knows; the rest follows from it. */
export type NewModel = Pick<StoredModel, 'key' | 'name' | 'generation' | 'files' | 'absentPaths' | 'commit'>

/**
 * Keeps the files of models: whole or not at all.
 *
 * Files are written chunk by chunk under a generation of their own; {@link ModelStore.commitModel} then makes it the model, in one
 * transaction that deletes what was there before. Nothing here locks: whoever writes a model holds its lock (`ModelLock`).
 */
export class ModelStore {
  readonly #storage: RecordStorage
  readonly #chunkBytes: number

  /**
   * Takes a storage over; whoever opened it closes it.
   *
   * @param storage - Where records are kept.
   * @param chunkBytes - Bytes of a chunk that is written.
   */
  constructor(storage: RecordStorage, chunkBytes: number = CHUNK_BYTES) {
    this.#storage = storage
    this.#chunkBytes = chunkBytes
  }

  /**
   * Lists whole models.
   *
   * @returns Their manifests, in the order of their keys.
   * @throws {EmbedderError} `store-unavailable`
   */
  async list(): Promise<readonly StoredModel[]> {
    return (await this.#storage.list('models', [])).map(({ value }) => value)
  }

  /**
   * Finds a whole model.
   *
   * @returns Its manifest; `undefined` where none is stored.
   * @throws {EmbedderError} `store-unavailable`
   */
  find(key: string): Promise<StoredModel | undefined> {
    return this.#storage.get('models', [key])
  }

  /**
   * Tells when models were last loaded.
   *
   * @returns Milliseconds since 1970 by key.
   * @throws {EmbedderError} `store-unavailable`
   */
  async lastUses(): Promise<ReadonlyMap<string, number>> {
    const uses = await this.#storage.list('uses', ['model'])
    return new Map(uses.map(({ key, value }) => [String(key[1]), value]))
  }

  /**
   * Notes that a model is used now.
   *
   * @param now - Milliseconds since 1970.
   * @throws {EmbedderError} `quota-exceeded` or `store-unavailable`
   */
  async touch(key: string, now: number = Date.now()): Promise<void> {
    await this.#storage.commit([{ put: 'uses', key: ['model', key], value: now }])
  }

  /**
   * Reads a file of a whole model and checks every chunk.
   *
   * @param model - The manifest.
   * @param onBytes - Told about each chunk.
   * @returns Its bytes; `undefined` where the manifest does not list it.
   * @throws {EmbedderError} `integrity-mismatch` if a chunk is damaged or missing, `out-of-memory`, `store-unavailable`
   */
  async readFile(
    model: Pick<StoredModel, 'key' | 'generation' | 'files'>,
    path: string,
    onBytes?: (count: number) => void,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = model.files.find((candidate) => candidate.path === path)
    if (file === undefined) return undefined
    const bytes = allocate(file)
    await readStoredFile(this.#storage, { ...model, file }, bytes, onBytes)
    return bytes
  }

  /**
   * Reads what an earlier load left of a file.
   *
   * @param into - Takes its bytes, from its start on.
   * @throws {EmbedderError} `integrity-mismatch` if a chunk is damaged or missing, `store-unavailable`
   */
  async readDownload(key: string, download: StoredDownload, into: Uint8Array<ArrayBuffer>): Promise<void> {
    const file = { ...download, sizeBytes: download.loadedBytes }
    await readStoredFile(this.#storage, { key, generation: download.generation, file }, into)
  }

  /**
   * Lists what was downloaded of models that are not whole yet.
   *
   * @param key - Key of a model; all where left out.
   * @returns The downloads, each with the key of its model.
   * @throws {EmbedderError} `store-unavailable`
   */
  async listDownloads(key?: string): Promise<readonly (StoredDownload & { readonly key: string })[]> {
    const downloads = await this.#storage.list('downloads', key === undefined ? [] : [key])
    return downloads.map((record) => ({ ...record.value, key: String(record.key[0]) }))
  }

  /**
   * Starts a file from its first byte.
   *
   * @param place - Model, generation and path.
   * @param place.generation - Name of the new version of the model: `crypto.randomUUID()`, one for all of its files.
   * @param version - What the server says of it.
   * @param chunkBytes - Bytes of all chunks but the last.
   * @returns What appends chunks. What was stored of the file in that generation is gone with the first of them.
   */
  startFile(
    place: { readonly key: string; readonly generation: string; readonly path: string },
    version: FileVersion,
    chunkBytes: number = this.#chunkBytes,
  ): ChunkWriter {
    const { key, generation, path } = place
    return new ChunkWriter(this.#storage, key, {
      ...version,
      path,
      generation,
      loadedBytes: 0,
      chunkSha256: [],
      chunkBytes,
      isComplete: false,
      sha256: undefined,
      updatedAt: Date.now(),
    })
  }

  /**
   * Goes on with what an earlier load left of a file.
   *
   * @returns What appends the chunks that follow.
   */
  continueFile(key: string, download: StoredDownload): ChunkWriter {
    return new ChunkWriter(this.#storage, key, download)
  }

  /**
   * Makes a generation the model: writes its manifest and deletes all other generations, in one transaction.
   *
   * @returns The manifest.
   * @throws {EmbedderError} `store-unavailable` also if a chunk of it is not there (another tab deleted it), `quota-exceeded`; then
   * nothing has changed.
   */
  async commitModel(model: NewModel): Promise<StoredModel> {
    const keys = await this.#storage.keys('chunks', [model.key])
    const own = new Set(keys.filter((key) => key[1] === model.generation).map((key) => JSON.stringify(key.slice(2))))
    for (const { path, chunkSha256 } of model.files) {
      if (!chunkSha256.every((_, index) => own.has(JSON.stringify([path, index])))) throw deletedMeanwhile(model.key)
    }
    const others = new Set(keys.map((key) => String(key[1])).filter((generation) => generation !== model.generation))
    const sizeBytes = model.files.reduce((sum, file) => sum + file.sizeBytes, 0)
    const manifest: StoredModel = { ...model, sizeBytes, storedAt: Date.now() }
    await this.#storage.commit([
      { put: 'models', key: [model.key], value: manifest },
      { put: 'uses', key: ['model', model.key], value: Date.now() },
      { deleteAll: 'downloads', prefix: [model.key] },
      ...[...others].map((generation): Change => ({ deleteAll: 'chunks', prefix: [model.key, generation] })),
    ])
    return manifest
  }

  /**
   * Deletes the downloads of one generation; the model as it was stays.
   *
   * @param path - One file of it; all where left out.
   * @throws {EmbedderError} `store-unavailable`
   */
  async discard(key: string, generation: string, path?: string): Promise<void> {
    const prefix = path === undefined ? [key, generation] : [key, generation, path]
    await this.#storage.commit([
      { deleteAll: 'downloads', prefix },
      { deleteAll: 'chunks', prefix },
    ])
  }

  /**
   * Deletes a model with all that was downloaded of it.
   *
   * @returns Whether anything was stored.
   * @throws {EmbedderError} `store-unavailable`
   */
  async deleteModel(key: string): Promise<boolean> {
    const [model, downloads] = await Promise.all([this.find(key), this.#storage.keys('downloads', [key])])
    await this.#storage.commit([
      { delete: 'models', key: [key] },
      { delete: 'uses', key: ['model', key] },
      { deleteAll: 'downloads', prefix: [key] },
      { deleteAll: 'chunks', prefix: [key] },
    ])
    return model !== undefined || downloads.length > 0
  }

  /**
   * Adds up what models take, downloads that are not whole included.
   *
   * @param key - One model; all where left out.
   * @throws {EmbedderError} `store-unavailable`
   */
  async sizeBytes(key?: string): Promise<number> {
    const [models, downloads] = await Promise.all([
      this.#storage.list('models', key === undefined ? [] : [key]),
      this.listDownloads(key),
    ])
    const whole = models.reduce((sum, { value }) => sum + value.sizeBytes, 0)
    return downloads.reduce((sum, { loadedBytes }) => sum + loadedBytes, whole)
  }
}

function allocate({ path, sizeBytes }: StoredFile): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes)
  } catch (cause) {
    throw new EmbedderError('out-of-memory', `Cannot load ${path} as there is no memory for its ${sizeBytes} bytes`, {
      cause,
      details: { path, sizeBytes },
    })
  }
}

function deletedMeanwhile(key: string): EmbedderError {
  return new EmbedderError(
    'store-unavailable',
    `Cannot store the model ${key} as parts of it were deleted meanwhile\nLoad it again`,
    { details: { reason: 'deleted', model: key } },
  )
}
