import { isEmbedderError } from '../../wire/embedder-error.js'
import type { HubLocation } from '../../wire/protocol.js'
import type { DownloadProgress } from '../download-progress.js'
import { fetchFile } from '../fetch-file.js'
import { sendRequest, type FileRequest } from '../send-request.js'
import type { FileSource } from './file-source.js'
import type { FileSink } from './file-store.js'

/** Reads files that have a URL each. */
export class UrlSource implements FileSource {
  readonly #locate: (path: string) => FileRequest
  readonly #progress: DownloadProgress

  constructor(locate: (path: string) => FileRequest, progress: DownloadProgress) {
    this.#locate = locate
    this.#progress = progress
  }

  read(path: string, sink?: FileSink): Promise<Uint8Array<ArrayBuffer>> {
    return fetchFile(this.#locate(path), this.#progress, sink)
  }

  async exists(path: string): Promise<boolean> {
    try {
      await sendRequest(this.#locate(path), { method: 'HEAD' })
      return true
    } catch (error) {
      if (isEmbedderError(error)) return false
      throw error
    }
  }
}

/**
 * Finds a file below a base URL; a query of the base (a signature) stays with every file.
 *
 * @param baseUrl - URL of the folder.
 * @param path - Path in it.
 * @returns What to fetch.
 */
export function urlFile(baseUrl: string, path: string): FileRequest {
  const url = new URL(baseUrl)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  url.pathname += encodePath(path)
  return { path, url: url.href }
}

const HUB_HINT =
  'Check the id and its revision, and give a token where the model is private or gated; a path of your own site starts with / or ./'

/**
 * Finds a file of a repository of a hub.
 *
 * @param location - The repository.
 * @param path - Path in it.
 * @returns What to fetch.
 * @see `huggingface_hub.file_download.hf_hub_url`
 */
export function hubFile(location: HubLocation, path: string): FileRequest {
  const { endpoint, name, revision, token } = location
  // A branch such as `refs/pr/1` is one segment.
  const url = `${endpoint}/${name}/resolve/${encodeURIComponent(revision)}/${encodePath(path)}`
  return { path, url, token, hint: HUB_HINT }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
