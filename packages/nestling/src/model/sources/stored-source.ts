import { isEmbedderError } from '../../wire/embedder-error.js'
import type { DownloadProgress } from '../download/download-progress.js'
import type { FileSource } from './file-source.js'
import type { KeptFiles } from './kept-files.js'
import { notFound } from './not-found.js'

/** Reads files that an earlier load kept, and downloads and keeps the others. */
export class StoredSource implements FileSource {
  readonly #origin: FileSource
  readonly #store: KeptFiles
  readonly #progress: DownloadProgress

  constructor(origin: FileSource, store: KeptFiles, progress: DownloadProgress) {
    this.#origin = origin
    this.#store = store
    this.#progress = progress
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#store.lookUp(path)
    if (known === 'absent') throw notFound(path, 'the model was found to have none when it was stored')
    return known === undefined ? this.#download(path) : this.#readStored(path, known.sizeBytes)
  }

  async exists(path: string): Promise<boolean> {
    const known = this.#store.lookUp(path)
    if (known !== undefined) return known !== 'absent'
    return !this.#store.isOffline && this.#origin.exists(path)
  }

  sha256Of(path: string): string | undefined {
    return this.#store.sha256Of(path) ?? this.#origin.sha256Of?.(path)
  }

  noteSha256(path: string, sha256: string): void {
    this.#store.noteSha256(path, sha256)
  }

  noteAbsent(path: string): void {
    this.#store.noteAbsent(path)
  }

  urlOf(path: string): string | undefined {
    return this.#origin.urlOf?.(path)
  }

  #readStored(path: string, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#progress.restart(path)
    this.#progress.expect(path, sizeBytes)
    return this.#store.read(path, {
      sha256: this.#origin.sha256Of?.(path),
      onBytes: (count) => {
        this.#progress.add(path, count)
      },
    })
  }

  async #download(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const sink = this.#store.sinkOf(path)
    try {
      const bytes = await this.#origin.read(path, sink)
      await sink.finish(bytes, this.#origin.sha256Of?.(path))
      return bytes
    } catch (error) {
      if (isEmbedderError(error, 'model-not-found')) this.#store.noteAbsent(path)
      await sink.fail(error)
      throw error
    }
  }
}
