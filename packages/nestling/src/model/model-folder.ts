import { EmbedderError, isEmbedderError } from '../wire/embedder-error.js'
import type { ModelLocation } from '../wire/protocol.js'
import type { DownloadProgress } from './download/download-progress.js'
import type { FileSource } from './sources/file-source.js'
import type { KeptFiles } from './sources/kept-files.js'
import { openSource } from './sources/open-source.js'
import { sha256Hex } from './sha256.js'

/** How a folder is read. */
export interface FolderOptions {
  readonly isExpected?: ((path: string) => boolean) | undefined
  readonly store?: KeptFiles | undefined
}

/** Reads the files of one model folder, wherever it is; every file is read at most once. */
export class ModelFolder {
  /** Name of the model, for messages. */
  readonly name: string
  /** Whether it is a repository of a hub. */
  readonly isOnHub: boolean
  readonly #progress: DownloadProgress
  readonly #source: FileSource
  readonly #refusals = new Map<string, EmbedderError>()
  #hasRead = false
  readonly #reads = new Map<string, Promise<Uint8Array<ArrayBuffer>>>()

  /**
   * Prepares reading; nothing is fetched yet.
   *
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
    this.isOnHub = location.kind === 'hub'
    this.#progress = progress
    this.#source = openSource(location, progress, store)
    if (location.kind !== 'listed') return
    const expected = location.files.filter(({ path }) => isExpected(path))
    progress.announce(expected.map(({ path }) => path))
    for (const { path, sizeBytes } of expected) progress.expect(path, sizeBytes)
  }

  /** Announces the large files that will be read: the progress of a load counts their bytes. */
  announce(paths: Iterable<string>): void {
    this.#progress.announce(paths)
  }

  /**
   * Announces others in the place of a file that is not there.
   *
   * @param others - What is read instead.
   */
  announceInstead(path: string, others: Iterable<string>): void {
    this.#progress.replace(path, others)
  }

  /**
   * Reads a file that must be there.
   *
   * @returns Its bytes, checked against the manifest where there is one.
   * @throws {EmbedderError} `model-not-found` if there is none, `integrity-mismatch` if the bytes are not those of the manifest,
   * or what else kept it from being read.
   */
  read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    let reading = this.#reads.get(path)
    if (reading === undefined) {
      reading = this.#source.read(path)
      this.#reads.set(path, reading)
      const onRead = (): void => {
        this.#hasRead = true
      }
      reading.then(onRead, () => undefined)
    }
    return reading
  }

  /**
   * Digests a file that must be there; what its source has already computed or checked is not computed again.
   *
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
   * @returns Whether it is; `false` where that cannot be told.
   */
  exists(path: string): Promise<boolean> {
    return this.#source.exists(path)
  }

  /** Starts reading files that will be needed; a failure shows where the file is then read. */
  prefetch(paths: readonly string[]): void {
    for (const path of paths) this.read(path).catch(() => undefined)
  }

  /**
   * Reads a file that may be absent. Storage that lists no folders, such as S3, answers 403 for what is not there, and Supabase 400: where
   * the folder can be read otherwise, that means absent.
   *
   * @returns Its bytes, or `undefined`.
   * @throws {EmbedderError} As {@link ModelFolder.read}, but for `model-not-found`.
   */
  async readOptional(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      return await this.read(path)
    } catch (error) {
      if (isEmbedderError(error, 'model-not-found')) return undefined
      if (!isRefusal(error) || !(await this.#isReadable(path))) throw error
      this.#refusals.set(path, error)
      this.#source.noteAbsent?.(path)
      return undefined
    }
  }

  /**
   * Tells how a server refused a file that was taken for absent.
   *
   * @returns The error; `undefined` where the server said that there is none.
   */
  refusalOf(path: string): EmbedderError | undefined {
    return this.#refusals.get(path)
  }

  /**
   * Names the URL in an error about the content of a file.
   *
   * @param error - What reading failed with.
   * @returns The error, with the URL where there is one and it was not named.
   */
  withUrl(error: unknown): unknown {
    if (!isEmbedderError(error) || 'url' in error.details) return error
    const { path } = error.details
    const read = [...this.#reads.keys()].find((known) => known === path || known.endsWith(`/${String(path)}`))
    const url = read === undefined ? undefined : this.#source.urlOf?.(read)
    if (url === undefined) return error
    const message = error.message.replace(/^.*/, (line) => `${line} (read from ${url})`)
    return new EmbedderError(error.code, message, { cause: error, details: { ...error.details, url } })
  }

  /**
   * Reads a text file that must be there.
   *
   * @throws {EmbedderError} As {@link ModelFolder.read}.
   */
  async readText(path: string): Promise<string> {
    return new TextDecoder().decode(await this.read(path))
  }

  /**
   * Reads a text file that may be absent.
   *
   * @returns Its text, or `undefined`.
   * @throws {EmbedderError} As {@link ModelFolder.readOptional}.
   */
  async readTextOptional(path: string): Promise<string | undefined> {
    const bytes = await this.readOptional(path)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }

  /** A hub knows what it has: only a mirror of one would refuse what it lacks, and that shows when a file was read. */
  async #isReadable(path: string): Promise<boolean> {
    if (this.#hasRead || this.isOnHub || path === CONFIG) return this.#hasRead
    await this.read(CONFIG).catch(() => undefined)
    return this.#hasRead
  }
}

/** The file that every folder has unless modules.json says otherwise. */
const CONFIG = 'config.json'

/** Statuses that storage also gives for what it does not have. */
const REFUSALS: readonly unknown[] = [400, 403]

function isRefusal(error: unknown): error is EmbedderError {
  return isEmbedderError(error) && REFUSALS.includes(error.details['status'])
}

function isWeightsOrTokenizer(path: string): boolean {
  return path.endsWith('.safetensors') || path === 'tokenizer.json'
}
