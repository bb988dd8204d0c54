import { isEmbedderError } from '../wire/embedder-error.js'
import type { ModelLocation } from '../wire/protocol.js'
import type { DownloadProgress } from './download-progress.js'
import type { FileSource } from './sources/file-source.js'
import type { FileStore } from './sources/file-store.js'
import { openSource } from './sources/open-source.js'
import { sha256Hex } from './sha256.js'

/** How a folder is read. */
export interface FolderOptions {
  readonly isExpected?: ((path: string) => boolean) | undefined
  readonly store?: FileStore | undefined
}

/** Reads the files of one model folder, wherever it is; every file is read at most once. */
export class ModelFolder {
  /** Name of the model, for messages. */
  readonly name: string
  readonly #source: FileSource
  readonly #reads = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

  /**
   * Prepares reading; nothing is fetched yet.
   *
   * @param location - Where the folder is.
   * @param progress - Told about bytes that arrive.
   * @param options - What else there is.
   * @param options.isExpected - Tells by path which of the listed files will be read, so that totals do not jump later.
   * @param options.store - Keeps files that come over a network.
   */
  constructor(
    location: ModelLocation,
    progress: DownloadProgress,
    { isExpected = isWeightsOrTokenizer, store }: FolderOptions = {},
  ) {
    this.name = location.name
    this.#source = openSource(location, progress, store)
    if (location.kind !== 'listed') return
    for (const file of location.files) {
      if (isExpected(file.path)) progress.expect(file.path, file.sizeBytes)
    }
  }

  /**
   * Reads a file that must be there.
   *
   * @param path - Path in the folder.
   * @returns Its bytes, checked against the manifest where there is one.
   * @throws {EmbedderError} `model-not-found` if there is none, `integrity-mismatch` if the bytes are not those of the manifest,
   * or what else kept it from being read.
   */
  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    let reading = this.#reads.get(path)
    if (reading === undefined) {
      reading = this.#source.read(path)
      this.#reads.set(path, reading)
    }
    return reading
  }

  /**
   * Digests a file that must be there; what its source has already computed or checked is not computed again.
   *
   * @param path - Path in the folder.
   * @returns 64 lower-case hexadecimal digits.
   * @throws {EmbedderError} As {@link ModelFolder.read}.
   */
  async sha256(path: string): Promise<string> {
    const bytes = await this.read(path)
    const known = this.#source.sha256Of?.(path)
    if (known !== undefined) return known
    const digest = await sha256Hex(bytes)
    this.#source.noteSha256?.(path, digest)
    return digest
  }

  /**
   * Tells whether a file is there, without reading it.
   *
   * @param path - Path in the folder.
   * @returns Whether it is; `false` where that cannot be told.
   */
  exists(path: string): Promise<boolean> {
    return this.#source.exists(path)
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
}

function isWeightsOrTokenizer(path: string): boolean {
  return path.endsWith('.safetensors') || path === 'tokenizer.json'
}
