import { sha256Hex } from '../../model/sha256.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredDownload, StoredFile } from './stored-model.js'

/** Writes one file, a chunk at a time; what is written is told of in the same transaction. */
export class ChunkWriter {
  readonly #storage: RecordStorage
  readonly #key: string
  #download: StoredDownload

  /**
   * Goes on with a download.
   *
   * @param storage - Where it is kept.
   * @param key - Key of the model.
   * @param download - What is stored so far.
   */
  constructor(storage: RecordStorage, key: string, download: StoredDownload) {
    this.#storage = storage
    this.#key = key
    this.#download = download
  }

  /** What is stored so far. */
  get download(): StoredDownload {
    return this.#download
  }

  /**
   * Stores the next chunk.
   *
   * @param chunk - Its bytes: {@link StoredDownload.chunkBytes} of them, fewer for the last alone.
   * @throws {RangeError} If it has another length, or a short one came before.
   * @throws {EmbedderError} `quota-exceeded` or `store-unavailable`; then nothing has changed.
   */
  async append(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const before = this.#download
    const { generation, path, chunkBytes } = before
    const index = before.chunkSha256.length
    if (chunk.byteLength > chunkBytes || before.loadedBytes !== index * chunkBytes) {
      throw new RangeError(
        `Cannot store a chunk as all but the last must have ${chunkBytes} bytes: current value is ${chunk.byteLength}`,
      )
    }
    const after: StoredDownload = {
      ...before,
      loadedBytes: before.loadedBytes + chunk.byteLength,
      chunkSha256: [...before.chunkSha256, await sha256Hex(chunk)],
      updatedAt: Date.now(),
    }
    await this.#storage.commit([
      { put: 'chunks', key: [this.#key, generation, path, index], value: chunk },
      { put: 'downloads', key: [this.#key, generation, path], value: after },
    ])
    this.#download = after
  }

  /**
   * Says that all of it is here.
   *
   * @param sha256 - Digest of the whole file, where it is known.
   * @returns The file, for {@link ModelStore.commitModel}.
   * @throws {EmbedderError} `quota-exceeded` or `store-unavailable`
   */
  async complete(sha256: string | undefined): Promise<StoredFile> {
    const after = { ...this.#download, isComplete: true, sha256, updatedAt: Date.now() }
    const { generation, path } = after
    await this.#storage.commit([{ put: 'downloads', key: [this.#key, generation, path], value: after }])
    this.#download = after
    return toStoredFile(after)
  }
}

/** Turns a complete download into what a manifest lists. */
function toStoredFile(download: StoredDownload): StoredFile {
  const { path, loadedBytes, sha256, chunkSha256, chunkBytes, etag } = download
  return { path, sizeBytes: loadedBytes, sha256, chunkSha256, chunkBytes, etag }
}
