import type { DownloadProgress } from '../download/download-progress.js'
import type { FileSource } from './file-source.js'
import { notFound } from './not-found.js'
import { readBlob } from './read-blob.js'

/** Reads blobs: files that the user chose, or files in memory. */
export class BlobSource implements FileSource {
  readonly #name: string
  readonly #blobs: ReadonlyMap<string, Blob>
  readonly #progress: DownloadProgress

  constructor(name: string, blobs: ReadonlyMap<string, Blob>, progress: DownloadProgress) {
    this.#name = name
    this.#blobs = blobs
    this.#progress = progress
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const blob = this.#blobs.get(path)
    if (blob === undefined) throw notFound(path, `it is not among the files of ${this.#name}`)
    return readBlob(path, blob, this.#progress)
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.#blobs.has(path))
  }
}
