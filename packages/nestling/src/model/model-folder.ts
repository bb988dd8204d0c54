import { EmbedderError, isEmbedderError } from '../wire/embedder-error.js'
import type { ModelFileRequest, ModelLocation } from '../wire/protocol.js'
import type { DownloadProgress } from './download-progress.js'
import { fetchFile } from './fetch-file.js'
import { sha256Hex } from './sha256.js'

/** Reads the files of one model folder, wherever it is; every file is read at most once. */
export class ModelFolder {
  /** Name of the model, for messages. */
  readonly name: string
  readonly #location: ModelLocation
  readonly #progress: DownloadProgress
  readonly #reads = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

  /**
   * Prepares reading; nothing is fetched yet.
   *
   * @param location - Where the folder is.
   * @param progress - Told about bytes that arrive.
   * @param isExpected - Tells by path which of the listed files will be read, so that totals do not jump later.
   */
  constructor(
    location: ModelLocation,
    progress: DownloadProgress,
    isExpected: (path: string) => boolean = isWeightsOrTokenizer,
  ) {
    this.name = location.name
    this.#location = location
    this.#progress = progress
    if (location.kind === 'files') {
      for (const file of location.files) {
        if (isExpected(file.path)) progress.expect(file.path, file.sizeBytes)
      }
    }
  }

  /**
   * Reads a file that must be there.
   *
   * @param path - Path in the folder.
   * @returns Its bytes, checked against the manifest where there is one.
   * @throws {EmbedderError} `model-not-found` if there is none, or what {@link fetchFile} throws; `integrity-mismatch` if the
   * bytes are not those of the manifest.
   */
  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    let reading = this.#reads.get(path)
    if (reading === undefined) {
      reading = this.#readOnce(path)
      this.#reads.set(path, reading)
    }
    return reading
  }

  /**
   * Starts reading files that will be needed; a failure shows where the file is then read.
   *
   * @param paths - Paths in the folder.
   */
  prefetch(paths: readonly string[]): void {
    for (const path of paths) this.read(path).catch(() => undefined)
  }

  /**
   * Reads a file that may be absent.
   *
   * @param path - Path in the folder.
   * @returns Its bytes, or `undefined`.
   * @throws {EmbedderError} As {@link ModelFolder.read}, but for `model-not-found`.
   */
  async readOptional(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await this.read(path)
    } catch (error) {
      if (isEmbedderError(error, 'model-not-found')) return undefined
      throw error
    }
  }

  /**
   * Reads a text file that must be there.
   *
   * @param path - Path in the folder.
   * @returns Its text.
   * @throws {EmbedderError} As {@link ModelFolder.read}.
   */
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path))
  }

  /**
   * Reads a text file that may be absent.
   *
   * @param path - Path in the folder.
   * @returns Its text, or `undefined`.
   * @throws {EmbedderError} As {@link ModelFolder.readOptional}.
   */
  async readTextOptional(path: string): Promise<string | undefined> {
    const bytes = await this.readOptional(path)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }

  async #readOnce(path: string): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#location.kind === 'url') {
      return fetchFile({ path, url: joinUrl(this.#location.baseUrl, path) }, this.#progress)
    }
    const file = this.#location.files.find((candidate) => candidate.path === path)
    if (file === undefined) {
      throw new EmbedderError('model-not-found', `Cannot load ${path} as ${this.name} does not list it`, {
        details: { path },
      })
    }
    const bytes = await this.#readListed(file)
    await checkIntegrity(file, bytes)
    return bytes
  }

  async #readListed(file: ModelFileRequest): Promise<Uint8Array<ArrayBuffer>> {
    if (file.text !== undefined) return new TextEncoder().encode(file.text)
    if (file.url !== undefined) return fetchFile({ ...file, url: file.url }, this.#progress)
    throw new EmbedderError(
      'model-invalid',
      `Cannot load ${file.path} as ${this.name} gives it neither a url nor a text`,
      {
        details: { path: file.path },
      },
    )
  }
}

function isWeightsOrTokenizer(path: string): boolean {
  return path.endsWith('.safetensors') || path === 'tokenizer.json'
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

/** A query of the base URL (a signature) stays with every file. */
function joinUrl(baseUrl: string, path: string): string {
  const url = new URL(baseUrl)
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  url.pathname += path.split('/').map(encodeURIComponent).join('/')
  return url.href
}
