import type { HubLocation } from '../../wire/protocol.js'
import type { DownloadProgress } from '../download/download-progress.js'
import { fetchFile } from '../download/fetch-file.js'
import { probeFile } from '../download/probe-file.js'
import { withoutSecrets, type FileRequest } from '../download/send-request.js'
import type { FileSource } from './file-source.js'
import type { DownloadWriter } from './kept-files.js'

/** Reads files that have a URL each. */
export class UrlSource implements FileSource {
  readonly #locate: (path: string) => FileRequest
  readonly #progress: DownloadProgress

  constructor(locate: (path: string) => FileRequest, progress: DownloadProgress) {
    this.#locate = locate
    this.#progress = progress
  }

  read(path: string, sink?: DownloadWriter): Promise<Uint8Array<ArrayBuffer>> {
    return fetchFile(this.#locate(path), this.#progress, sink)
  }

  async exists(path: string): Promise<boolean> {
    return (await probeFile(this.#locate(path))) !== 'absent'
  }

  urlOf(path: string): string {
    return withoutSecrets(this.#locate(path).url)
  }
}

/**
 * Finds a file below a base URL; a query of the base (a signature) stays with every file.
 *
 * @param baseUrl - URL of the folder.
 * @returns What to fetch.
 */
export function urlFile(baseUrl: string, path: string): FileRequest {
  const url = new URL(baseUrl)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  url.pathname += encodePath(path)
  return { path, url: url.href }
}

/** A path of the site that begins without a dot looks like an id. */
const hubHint = (name: string): string =>
  `Check the id and its revision, and give a token where the model is private or gated; did you mean './${name}', a path of your own site?`

/**
 * Finds a file of a repository of a hub.
 *
 * @returns What to fetch.
 * @see `huggingface_hub.file_download.hf_hub_url`
 */
export function hubFile(location: HubLocation, path: string): FileRequest {
  const { endpoint, name, revision, token } = location
  // A branch such as `refs/pr/1` is one segment.
  const url = `${endpoint}/${name}/resolve/${encodeURIComponent(revision)}/${encodePath(path)}`
  return { path, url, token, hint: hubHint(name) }
}

/**
 * Finds the list of all files of a repository.
 *
 * @returns What to fetch.
 * @see `huggingface_hub.HfApi.list_repo_tree`
 */
export function hubTree({ endpoint, name, revision, token }: HubLocation): FileRequest {
  const url = `${endpoint}/api/models/${name}/tree/${encodeURIComponent(revision)}?recursive=true`
  return { path: `the list of files of ${name}`, url, token, hint: hubHint(name) }
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
