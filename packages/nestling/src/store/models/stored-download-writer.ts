import type { DownloadWriter, KeptBytes, SentVersion } from '../../model/sources/kept-files.js'
import { EmbedderError, isEmbedderError } from '../../wire/embedder-error.js'
import type { ChunkWriter } from './chunk-writer.js'
import type { StorageRoom } from './storage-room.js'
import type { StoredDownload, StoredFile } from './stored-model.js'
import type { ModelStore } from './model-store.js'

/** The load that a sink belongs to. */
export interface SinkOwner {
  /** Whether the network must not be asked. */
  readonly isOffline: boolean
  readonly room: StorageRoom
  /** Throws if the file is of another commit than those before it. */
  checkCommit(commit: string | undefined): void
  /** Writes; gives `false` where the load goes on without the store. */
  write(work: () => Promise<unknown>): Promise<boolean>
  /** Takes a file that is stored now. */
  add(file: StoredFile): void
}

/** Which file of which model. */
export interface SinkPlace {
  readonly key: string
  readonly name: string
  readonly generation: string
  readonly path: string
}

/**
 * Stores one file while it arrives. One chunk at a time is copied from the buffer of the download and written; when the next one is
 * there before that is done, the download waits.
 */
export class StoredDownloadWriter implements DownloadWriter {
  readonly #session: SinkOwner
  readonly #store: ModelStore
  readonly #place: SinkPlace
  readonly #kept: StoredDownload | undefined
  #writer: ChunkWriter | undefined
  /** Bytes that were given to the writer. */
  #taken = 0
  #writing: Promise<boolean> = Promise.resolve(true)

  /**
   * Prepares; nothing is read or written yet.
   *
   * @param session - The load.
   * @param place - The file.
   * @param kept - What an earlier load left of it.
   */
  constructor(session: SinkOwner, store: ModelStore, place: SinkPlace, kept: StoredDownload | undefined) {
    this.#session = session
    this.#store = store
    this.#place = place
    this.#kept = kept
  }

  /** {@inheritDoc DownloadWriter.open} */
  async open(): Promise<KeptBytes | undefined> {
    const { name, path } = this.#place
    if (this.#session.isOffline) {
      throw new EmbedderError(
        'model-not-found',
        `Cannot load ${path} as it is not stored with ${name} and cache.weights is 'only'`,
        { details: { path } },
      )
    }
    const { loadedBytes = 0, chunkBytes = 0, totalBytes, etag } = this.#kept ?? {}
    const isWorthIt = loadedBytes > 0 && loadedBytes >= chunkBytes
    // A weak tag says nothing of single bytes.
    if (!isWorthIt || totalBytes === undefined || etag === undefined || etag.startsWith('W/')) return undefined
    return Promise.resolve({ loadedBytes, totalBytes, etag })
  }

  /** {@inheritDoc DownloadWriter.readKept} */
  async readKept(into: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const { key, path } = this.#place
    if (this.#kept === undefined) return false
    try {
      await this.#store.readDownload(key, this.#kept, into)
    } catch {
      // Damaged, or the store is gone: the file is there to be downloaded.
      return false
    }
    this.#writer = this.#store.continueFile(key, this.#kept)
    this.#taken = this.#kept.loadedBytes
    this.#session.room.expect(path, into.byteLength - this.#taken)
    await this.#write(() => this.#session.room.check())
    return true
  }

  /** {@inheritDoc DownloadWriter.checkCommit} */
  checkCommit(commit: string | undefined): void {
    this.#session.checkCommit(commit)
  }

  /** {@inheritDoc DownloadWriter.start} */
  async start(version: SentVersion): Promise<void> {
    const { key, generation, path } = this.#place
    await this.#writing.catch(() => undefined)
    if (this.#kept !== undefined || this.#taken > 0) await this.#write(() => this.#store.discard(key, generation, path))
    this.#taken = 0
    this.#writer = this.#store.startFile(this.#place, version)
    if (version.totalBytes === undefined) return
    this.#session.room.expect(path, version.totalBytes)
    await this.#write(() => this.#session.room.check())
  }

  /** {@inheritDoc DownloadWriter.write} */
  async write(buffer: Uint8Array<ArrayBuffer>, length: number): Promise<void> {
    const chunkBytes = this.#writer?.download.chunkBytes ?? 0
    while (this.#writer !== undefined && length - this.#taken >= chunkBytes) {
      await this.#append(buffer.subarray(this.#taken, this.#taken + chunkBytes))
    }
  }

  /** {@inheritDoc DownloadWriter.finish} */
  async finish(bytes: Uint8Array<ArrayBuffer>, sha256: string | undefined): Promise<void> {
    await this.write(bytes, bytes.byteLength)
    if (this.#writer !== undefined && bytes.byteLength > this.#taken) await this.#append(bytes.subarray(this.#taken))
    await this.#settle()
    const writer = this.#writer
    if (writer === undefined) return
    await this.#write(async () => {
      this.#session.add(await writer.complete(sha256))
    })
  }

  /** {@inheritDoc DownloadWriter.fail} */
  async fail(error: unknown): Promise<void> {
    await this.#writing.catch(() => undefined)
    const { key, generation, path } = this.#place
    // These bytes are wrong, not just not all here.
    const isWrong = isEmbedderError(error, 'integrity-mismatch')
    if (isWrong && this.#writer !== undefined) await this.#store.discard(key, generation, path).catch(() => undefined)
    this.#writer = undefined
  }

  /** Waits for the chunk before, so that no more than one copy of a chunk is in memory. */
  async #append(part: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#settle()
    const writer = this.#writer
    if (writer === undefined) return
    const chunk = part.slice()
    this.#taken += chunk.byteLength
    this.#writing = this.#write(async () => {
      await writer.append(chunk)
      const { totalBytes = 0, loadedBytes } = writer.download
      this.#session.room.expect(this.#place.path, Math.max(0, totalBytes - loadedBytes))
    })
    // Told where it is waited for.
    this.#writing.catch(() => undefined)
  }

  async #settle(): Promise<void> {
    if (!(await this.#writing)) this.#writer = undefined
  }

  async #write(work: () => Promise<unknown>): Promise<boolean> {
    const isWritten = await this.#session.write(work)
    if (!isWritten) this.#writer = undefined
    return isWritten
  }
}
