import { EmbedderError, type EmbedderErrorCode } from '../wire/embedder-error.js'
import type { DownloadProgress } from './download-progress.js'

/** What to fetch, and what is known of it. */
export interface FetchFileRequest {
  readonly path: string
  readonly url: string
  readonly sizeBytes?: number | undefined
}

const CODE_OF_STATUS: Readonly<Record<number, EmbedderErrorCode>> = {
  401: 'model-unauthorized',
  403: 'model-unauthorized',
  404: 'model-not-found',
  410: 'model-not-found',
  429: 'model-rate-limited',
}

/**
 * Fetches one file of a model folder and counts its bytes as they arrive.
 *
 * @param request - The file.
 * @param progress - Told about bytes.
 * @returns Its bytes.
 * @throws {EmbedderError} `model-not-found`, `model-unauthorized`, `model-rate-limited`, `model-fetch-failed` by what went wrong,
 * `integrity-mismatch` if the length is not the one that is known.
 */
export async function fetchFile(
  request: FetchFileRequest,
  progress: DownloadProgress,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await requestFile(request)
  const announced = response.headers.get('content-encoding') === null ? response.headers.get('content-length') : null
  progress.expect(request.path, request.sizeBytes ?? (announced === null ? undefined : Number(announced)))
  const bytes = await readBody(request, response, progress)
  if (request.sizeBytes !== undefined && bytes.byteLength !== request.sizeBytes) {
    throw failure(
      'integrity-mismatch',
      request,
      `it must have ${request.sizeBytes} bytes: current length is ${bytes.byteLength}`,
    )
  }
  progress.finish(request.path)
  return bytes
}

async function requestFile(request: FetchFileRequest): Promise<Response> {
  let response: Response
  try {
    response = await fetch(request.url)
  } catch (cause) {
    throw failure('model-fetch-failed', request, 'the request failed: check the connection and CORS', { cause })
  }
  if (!response.ok) {
    const code = CODE_OF_STATUS[response.status] ?? 'model-fetch-failed'
    throw failure(code, request, `the server answered with status ${response.status}`, { status: response.status })
  }
  // Servers of single-page applications answer every unknown path with their page and status 200.
  if (response.headers.get('content-type')?.startsWith('text/html') === true) {
    throw failure('model-not-found', request, 'the server answered with an HTML page')
  }
  return response
}

async function readBody(
  request: FetchFileRequest,
  response: Response,
  progress: DownloadProgress,
): Promise<Uint8Array<ArrayBuffer>> {
  if (response.body === null) return new Uint8Array(0)
  const reader = response.body.getReader()
  // With the length known the file is written in place: a large model is never held twice.
  let buffer = new Uint8Array(request.sizeBytes ?? 65_536)
  let length = 0
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (length + chunk.value.byteLength > buffer.byteLength) {
        buffer = grow(buffer, length, length + chunk.value.byteLength)
      }
      buffer.set(chunk.value, length)
      length += chunk.value.byteLength
      progress.add(request.path, chunk.value.byteLength)
    }
  } catch (cause) {
    throw failure('model-fetch-failed', request, `the connection broke after ${length} bytes`, { cause })
  }
  return length === buffer.byteLength ? buffer : buffer.slice(0, length)
}

function grow(buffer: Uint8Array<ArrayBuffer>, length: number, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, buffer.byteLength * 2))
  larger.set(buffer.subarray(0, length))
  return larger
}

function failure(
  code: EmbedderErrorCode,
  request: FetchFileRequest,
  reason: string,
  more: { cause?: unknown; status?: number } = {},
): EmbedderError {
  const details = {
    path: request.path,
    url: withoutQuery(request.url),
    ...(more.status === undefined ? {} : { status: more.status }),
  }
  return new EmbedderError(code, `Cannot load ${request.path} as ${reason}`, { cause: more.cause, details })
}

/** A query may hold a signature or a token, which must not reach a log. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, '')
}
