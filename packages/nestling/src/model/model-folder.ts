import { isEmbedderError } from '../wire/embedder-error.js'
import type { ModelLocation } from '../wire/protocol.js'
import type { DownloadProgress } from './download-progress.js'
import type { FileSource } from './sources/file-source.js'
import { openSource } from './sources/open-source.js'

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
   * @param isExpected - Tells by path which of the listed files will be read, so that totals do not jump later.
   */
  constructor(
    location: ModelLocation,
    progress: DownloadProgress,
    isExpected: (path: string) => boolean = isWeightsOrTokenizer,
  ) {
    this.name = location.name
    this.#source = openSource(location, progress)
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
