import { EmbedderError, isEmbedderError } from '../../wire/embedder-error.js'
import type { DownloadProgress } from '../download/download-progress.js'
import type { FileSource } from './file-source.js'
import { notFound } from './not-found.js'
import { readBlob } from './read-blob.js'

/** Reads files below a directory handle. */
export class DirectorySource implements FileSource {
  readonly #handle: FileSystemDirectoryHandle
  readonly #progress: DownloadProgress

  constructor(handle: FileSystemDirectoryHandle, progress: DownloadProgress) {
    this.#handle = handle
    this.#progress = progress
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return readBlob(path, await this.#find(path), this.#progress)
  }

  async exists(path: string): Promise<boolean> {
    try {
      await this.#find(path)
      return true
    } catch (error) {
      if (isEmbedderError(error)) return false
      throw error
    }
  }

  async #find(path: string): Promise<File> {
    const folders = path.split('/')
    const name = folders.pop() ?? ''
    try {
      let folder = this.#handle
      for (const part of folders) folder = await folder.getDirectoryHandle(part)
      return await (await folder.getFileHandle(name)).getFile()
    } catch (cause) {
      throw this.#failure(path, cause)
    }
  }

  #failure(path: string, cause: unknown): EmbedderError {
    const name = cause instanceof Error ? cause.name : ''
    // The second: a file where a folder should be, or the reverse.
    if (name === 'NotFoundError' || name === 'TypeMismatchError') {
      return notFound(path, `the directory ${this.#handle.name} does not have it`)
    }
    if (name === 'NotAllowedError' || name === 'SecurityError') {
      return new EmbedderError(
        'model-unauthorized',
        `Cannot load ${path} as the page may not read the directory ${this.#handle.name}\nCall handle.requestPermission({ mode: 'read' }) in a click before load()`,
        { cause, details: { path } },
      )
    }
    return new EmbedderError('model-fetch-failed', `Cannot load ${path} as the directory cannot be read: ${name}`, {
      cause,
      details: { path },
    })
  }
}
