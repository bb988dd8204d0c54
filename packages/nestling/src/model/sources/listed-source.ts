import { EmbedderError } from '../../wire/embedder-error.js'
import type { ModelFileRequest } from '../../wire/protocol.js'
import type { DownloadProgress } from '../download/download-progress.js'
import { fetchFile } from '../download/fetch-file.js'
import { withoutSecrets } from '../download/send-request.js'
import { sha256Hex } from '../sha256.js'
import type { FileSource } from './file-source.js'
import type { DownloadWriter } from './kept-files.js'
import { notFound } from './not-found.js'

/** Reads files of a manifest, each with a URL or its text, and checks them against its sizes and digests. */
export class ListedSource implements FileSource {
  readonly #name: string
  readonly #files: readonly ModelFileRequest[]
  readonly #progress: DownloadProgress

  constructor(name: string, files: readonly ModelFileRequest[], progress: DownloadProgress) {
    this.#name = name
    this.#files = files
    this.#progress = progress
  }

  async read(path: string, sink?: DownloadWriter): Promise<Uint8Array<ArrayBuffer>> {
    const file = this.#files.find((candidate) => candidate.path === path)
    if (file === undefined) throw notFound(path, `${this.#name} does not list it`)
    const bytes = await this.#readListed(file, sink)
    await checkIntegrity(file, bytes)
    return bytes
  }

  exists(path: string): Promise<boolean> {
    return Promise.resolve(this.#files.some((file) => file.path === path))
  }

  sha256Of(path: string): string | undefined {
    return this.#files.find((file) => file.path === path)?.sha256
  }

  urlOf(path: string): string | undefined {
    const url = this.#files.find((file) => file.path === path)?.url
    return url?.startsWith('data:') === true || url === undefined ? undefined : withoutSecrets(url)
  }

  async #readListed(file: ModelFileRequest, sink?: DownloadWriter): Promise<Uint8Array<ArrayBuffer>> {
    if (file.text !== undefined) return new TextEncoder().encode(file.text)
    if (file.url !== undefined) return fetchFile({ ...file, url: file.url }, this.#progress, sink)
    const { path } = file
    throw new EmbedderError('model-invalid', `Cannot load ${path} as ${this.#name} gives it neither a url nor a text`, {
      details: { path },
    })
  }
}

async function checkIntegrity(file: ModelFileRequest, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (file.sha256 === undefined) return
  const found = await sha256Hex(bytes)
  if (found === file.sha256) return
  throw new EmbedderError(
    'integrity-mismatch',
    `Cannot load ${file.path} as its SHA-256 must be ${file.sha256}: current value is ${found}\nClear the cache of the site and of proxies, and check what was deployed`,
    { details: { path: file.path, expected: file.sha256, found } },
  )
}
