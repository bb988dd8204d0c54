import { isEmbedderError, type EmbedderError } from '../../wire/embedder-error.js'
import { announcedBytes, promisedBytes } from './announced-bytes.js'
import type { DownloadProgress } from './download-progress.js'
import { safetensorsBytes } from '../weights/safetensors.js'
import { pageFailure, requestFailure, sendRequest, stallFailure, type FileRequest } from './send-request.js'
import type { DownloadWriter } from '../sources/kept-files.js'
import { StallWatch } from './stall-watch.js'

/** How pages begin, and where that is looked for. */
const PAGE_START = /^\s*(<!--[^]*?-->\s*)?<(!doctype\s+html|html|head)\b/i
const PAGE_START_BYTES = 500

/** What to fetch, and what is known of it. */
export interface FetchFileRequest extends FileRequest {
  readonly sizeBytes?: number | undefined
}

/** Waits before each further try: a load that cannot work still fails in under a second, unless the server is silent. */
const RETRY_DELAYS_MS = [50, 150]

/** Where the length is not known. */
const FIRST_BUFFER_BYTES = 65_536

/** A server may announce any length; beyond this, memory is taken as bytes arrive. */
const MAX_FIRST_BUFFER_BYTES = 2 ** 30

/**
 * Fetches one file of a model folder and counts its bytes as they arrive.
 *
 * A connection that breaks in the middle or goes silent and a server error (5xx) are tried again twice, from the last byte on where the server
 * can do that. Nothing else is: a refusal (401, 403, 404, 429) stays one.
 *
 * @param progress - Told about bytes.
 * @param sink - Keeps the bytes as they arrive, and may have the first ones of an earlier load.
 * @throws {EmbedderError} What {@link sendRequest} throws, `model-fetch-failed` if the connection keeps breaking or
 * going silent, `integrity-mismatch` if the length is not the one that is known, `out-of-memory` if there is no room for it.
 */
export async function fetchFile(
  request: FetchFileRequest,
  progress: DownloadProgress,
  sink?: DownloadWriter,
): Promise<Uint8Array<ArrayBuffer>> {
  const download = new FileDownload(request, progress, sink)
  await download.takeKept()
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await download.run()
    } catch (error) {
      if (!isTransient(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, delayMs))
    }
  }
  return download.run()
}

function isTransient(error: unknown): boolean {
  if (!isEmbedderError(error, 'model-fetch-failed')) return false
  return Number(error.details['status']) >= 500 || 'loadedBytes' in error.details || isStall(error)
}

function isStall(error: unknown): boolean {
  return isEmbedderError(error) && 'stalledMs' in error.details
}

/** The bytes of one file over all tries. */
class FileDownload {
  readonly #request: FetchFileRequest
  readonly #progress: DownloadProgress
  readonly #sink: DownloadWriter | undefined
  #buffer = new Uint8Array(0)
  #length = 0
  /** Names the version of the file that `#buffer` is the start of; `undefined` where it cannot be continued. */
  #etag: string | undefined
  /** Length that the server promised. */
  #promised: number | undefined
  /** Whether the length of the file has been told, as far as it can be. */
  #isSized = false

  constructor(request: FetchFileRequest, progress: DownloadProgress, sink: DownloadWriter | undefined) {
    this.#request = request
    this.#progress = progress
    this.#sink = sink
  }

  /**
   * Starts with what an earlier load left. Of a file that was complete the last byte is asked for again: the answer tells whether the
   * server still has that version.
   */
  async takeKept(): Promise<void> {
    const kept = await this.#sink?.open()
    if (kept === undefined) return
    const { path, sizeBytes = kept.totalBytes } = this.#request
    if (sizeBytes !== kept.totalBytes) return
    const buffer = allocate(this.#request, sizeBytes)
    if ((await this.#sink?.readKept(buffer)) !== true) return
    this.#buffer = buffer
    this.#length = Math.min(kept.loadedBytes, sizeBytes - 1)
    this.#etag = kept.etag
    this.#progress.expect(path, sizeBytes)
    this.#progress.add(path, this.#length)
  }

  async run(): Promise<Uint8Array<ArrayBuffer>> {
    const watch = new StallWatch(this.#request.stallMs)
    try {
      const response = (await this.#continue(watch)) ?? (await this.#start(watch))
      await this.#readBody(response, watch)
    } finally {
      watch.stop()
    }
    const { sizeBytes, path } = this.#request
    if (isPage(this.#buffer.subarray(0, this.#length))) throw pageFailure(this.#request)
    if (sizeBytes !== undefined && this.#length !== sizeBytes) throw this.#wrongLength(sizeBytes)
    this.#progress.finish(path)
    return this.#length === this.#buffer.byteLength ? this.#buffer : this.#buffer.slice(0, this.#length)
  }

  /**
   * Asks for the rest. Intentionally without `If-Range`, which would need a preflight that storage servers refuse: the version is
   * compared here instead. Browsers ask for ranges uncompressed, so that offsets are those of the bytes that we hold.
   */
  async #continue(watch: StallWatch): Promise<Response | undefined> {
    if (this.#etag === undefined || this.#length === 0) return undefined
    const response = await sendRequest(this.#request, { start: this.#length, watch }).catch((error: unknown) => {
      // The next try still has what is here.
      if (isStall(error)) throw error
      return undefined
    })
    if (response === undefined) return undefined
    const { status, headers } = response
    const isRest =
      status === 206 &&
      headers.get('etag') === this.#etag &&
      headers.get('content-range')?.startsWith(`bytes ${this.#length}-`) === true
    if (!isRest) {
      await response.body?.cancel()
      return undefined
    }
    this.#checkCommit(response)
    return response
  }

  async #start(watch: StallWatch): Promise<Response> {
    const { path, sizeBytes } = this.#request
    this.#length = 0
    this.#etag = undefined
    this.#progress.restart(path)
    const response = await sendRequest(this.#request, { watch })
    const { headers } = response
    this.#checkCommit(response)
    const total = sizeBytes ?? announcedBytes(response)
    this.#promised = promisedBytes(response, path)
    this.#isSized = false
    if (sizeBytes !== undefined) this.#progress.expect(path, sizeBytes)
    // With the length known the file is written in place: a large model is never held twice.
    this.#buffer = allocate(this.#request, Math.min(total ?? FIRST_BUFFER_BYTES, MAX_FIRST_BUFFER_BYTES))
    const etag = headers.get('etag') ?? undefined
    const canContinue = headers.get('accept-ranges') === 'bytes' && etag?.startsWith('W/') === false
    this.#etag = canContinue ? etag : undefined
    await this.#sink?.start({ etag, commit: commitOf(response), totalBytes: total })
    return response
  }

  #checkCommit(response: Response): void {
    this.#sink?.checkCommit(commitOf(response))
  }

  async #readBody(response: Response, watch: StallWatch): Promise<void> {
    if (response.body === null) return
    const reader = response.body.getReader()
    try {
      await this.#readChunks(reader, watch)
    } finally {
      // What could not be kept, or is longer than it may be, is not wanted any more; after the end this does nothing.
      await reader.cancel().catch(() => undefined)
    }
  }

  async #readChunks(reader: ReadableStreamDefaultReader<Uint8Array>, watch: StallWatch): Promise<void> {
    const { sizeBytes, path } = this.#request
    const read = (): Promise<Uint8Array | undefined> => this.#readChunk(reader, watch)
    for (let chunk = await read(); chunk !== undefined; chunk = await read()) {
      const end = this.#length + chunk.byteLength
      if (sizeBytes !== undefined && end > sizeBytes) throw this.#wrongLength(sizeBytes, end)
      if (end > this.#buffer.byteLength) this.#grow(end)
      this.#buffer.set(chunk, this.#length)
      this.#length = end
      this.#tellSize()
      this.#progress.add(path, chunk.byteLength)
      await this.#sink?.write(this.#buffer, end)
      // The disk may have kept us waiting, not the server.
      watch.hear()
    }
  }

  /** Tells how long the file will be, as soon as that is known; its own header is the best witness. */
  #tellSize(): void {
    if (this.#isSized) return
    const { path } = this.#request
    const size = path.endsWith('.safetensors') ? safetensorsBytes(this.#buffer.subarray(0, this.#length)) : NaN
    if (size === undefined) return
    this.#isSized = true
    this.#progress.expect(path, Number.isNaN(size) ? this.#promised : size)
  }

  async #readChunk(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    watch: StallWatch,
  ): Promise<Uint8Array | undefined> {
    try {
      const { value } = await reader.read()
      watch.hear()
      return value
    } catch (cause) {
      if (watch.hasStalled) throw stallFailure(this.#request, watch.limitMs, cause, this.#length)
      throw requestFailure('model-fetch-failed', this.#request, `the connection broke after ${this.#length} bytes`, {
        cause,
        details: { loadedBytes: this.#length },
      })
    }
  }

  #grow(needed: number): void {
    const larger = allocate(this.#request, Math.max(needed, this.#buffer.byteLength * 2))
    larger.set(this.#buffer.subarray(0, this.#length))
    this.#buffer = larger
  }

  #wrongLength(expected: number, found = this.#length): EmbedderError {
    const reason = `it must have ${expected} bytes: current length is ${found}`
    return requestFailure('integrity-mismatch', this.#request, reason)
  }
}

/** A page under another media type than its own. No file of a model begins like one. */
function isPage(bytes: Uint8Array): boolean {
  return PAGE_START.test(new TextDecoder().decode(bytes.subarray(0, PAGE_START_BYTES)))
}

/** @see `huggingface_hub.constants.HUGGINGFACE_HEADER_X_REPO_COMMIT` */
function commitOf({ headers }: Response): string | undefined {
  return headers.get('x-repo-commit') ?? undefined
}

function allocate(request: FileRequest, sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes)
  } catch (cause) {
    const reason = `there is no memory for its ${sizeBytes} bytes`
    throw requestFailure('out-of-memory', request, reason, { cause, details: { sizeBytes } })
  }
}
