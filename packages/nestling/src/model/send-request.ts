import { EmbedderError, type EmbedderErrorCode, type ErrorDetails } from '../wire/embedder-error.js'
import { dropsAuthorization } from './drops-authorization.js'
import { retryAfterMs } from './retry-after.js'
import { StallWatch } from './stall-watch.js'

/** One file to ask a server for. */
export interface FileRequest {
  /** Path in the folder, for messages. */
  readonly path: string
  readonly url: string
  /** Goes into the `Authorization` header, and to no other origin than that of `url`. */
  readonly token?: string | undefined
  /** What to do when the server refuses it: the last line of the message. */
  readonly hint?: string | undefined
  /**
   * Milliseconds without a byte after which the request ends.
   *
   * @defaultValue `STALL_MS`
   */
  readonly stallMs?: number | undefined
}

/** How to ask. */
export interface RequestHow {
  readonly method?: 'GET' | 'HEAD'
  /** First byte that is wanted, 0 for all. */
  readonly start?: number
  /** Watches the body too, and is stopped by the caller; without it only the wait for the answer is watched. */
  readonly watch?: StallWatch
}

const CODE_OF_STATUS: Readonly<Record<number, EmbedderErrorCode>> = {
  401: 'model-unauthorized',
  403: 'model-unauthorized',
  404: 'model-not-found',
  410: 'model-not-found',
  429: 'model-rate-limited',
}

/**
 * Asks a server for a file, once, and turns every answer but a good one into a typed error.
 *
 * @param request - The file.
 * @param how - Method and first byte.
 * @returns The answer; its body has not been read.
 * @throws {EmbedderError} `model-not-found`, `model-unauthorized`, `model-rate-limited`, `model-fetch-failed` by what went wrong (with
 * `details.stalledMs` if nothing came for that long), `environment-unsupported` if a redirect cannot be followed without giving the token away.
 */
export async function sendRequest(request: FileRequest, how: RequestHow = {}): Promise<Response> {
  const response = await fetchWatched(request, how)
  if (request.token !== undefined && isRedirect(response)) throw refusedRedirect(request)
  if (!response.ok) {
    await response.body?.cancel()
    throw badStatus(request, response)
  }
  // Servers of single-page applications answer every unknown path with their page and status 200.
  if (response.headers.get('content-type')?.startsWith('text/html') === true) {
    await response.body?.cancel()
    throw requestFailure('model-not-found', request, 'the server answered with an HTML page')
  }
  return response
}

async function fetchWatched(request: FileRequest, how: RequestHow): Promise<Response> {
  const watch = how.watch ?? new StallWatch(request.stallMs)
  try {
    const response = await fetch(request.url, { ...requestInit(request, how), signal: watch.signal })
    watch.hear()
    return response
  } catch (cause) {
    if (watch.hasStalled) throw stallFailure(request, watch.limitMs, cause)
    throw requestFailure('model-fetch-failed', request, 'the request failed: check the connection and CORS', { cause })
  } finally {
    if (how.watch === undefined) watch.stop()
  }
}

function requestInit({ token }: FileRequest, { method = 'GET', start = 0 }: RequestHow): RequestInit {
  const headers = new Headers()
  if (start > 0) headers.set('Range', `bytes=${start}-`)
  if (token === undefined) return { method, headers }
  headers.set('Authorization', `Bearer ${token}`)
  return { method, headers, redirect: dropsAuthorization() ? 'follow' : 'manual' }
}

/** A browser hides where a redirect leads; Node, in tests, does not. */
function isRedirect(response: Response): boolean {
  return response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)
}

function refusedRedirect(request: FileRequest): EmbedderError {
  const reason =
    'the server redirects, and this browser would give the token to the other server\nUpdate the browser (Chrome 119, Firefox 120, Safari 18.2), or load from a URL that needs no token'
  return requestFailure('environment-unsupported', request, reason)
}

function badStatus(request: FileRequest, { status, headers }: Response): EmbedderError {
  const code = CODE_OF_STATUS[status] ?? 'model-fetch-failed'
  const waitMs = code === 'model-rate-limited' ? retryAfterMs(headers.get('retry-after')) : undefined
  const isRefusal = code === 'model-unauthorized' || code === 'model-not-found'
  const hint = isRefusal && request.hint !== undefined ? `\n${request.hint}` : ''
  return requestFailure(code, request, `the server answered with status ${status}${hint}`, {
    details: { status, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) },
  })
}

/**
 * Makes the error of a request that went silent.
 *
 * @param request - The request.
 * @param stalledMs - How long nothing came.
 * @param cause - The error that ended it.
 * @param loadedBytes - How much had come before.
 * @returns The error, to be thrown.
 */
export function stallFailure(
  request: FileRequest,
  stalledMs: number,
  cause: unknown,
  loadedBytes?: number,
): EmbedderError {
  const before = loadedBytes === undefined ? '' : ` after ${loadedBytes} bytes`
  const reason = `the server sent nothing for ${stalledMs / 1000} s${before}: check the connection`
  const details = { stalledMs, ...(loadedBytes === undefined ? {} : { loadedBytes }) }
  return requestFailure('model-fetch-failed', request, reason, { cause, details })
}

/**
 * Makes the error of a request. It names file and URL, and never a query, a user or a token.
 *
 * @param code - What failed.
 * @param request - The request.
 * @param reason - Why, in words.
 * @param more - Cause and further facts.
 * @param more.cause - The error that led to it.
 * @param more.details - Facts beside path and URL.
 * @returns The error, to be thrown.
 */
export function requestFailure(
  code: EmbedderErrorCode,
  request: FileRequest,
  reason: string,
  more: { readonly cause?: unknown; readonly details?: ErrorDetails } = {},
): EmbedderError {
  const { path, url } = request
  const details = { path, url: withoutSecrets(url), ...more.details }
  return new EmbedderError(code, `Cannot load ${path} as ${reason}`, { cause: more.cause, details })
}

/** A query may hold a signature, and what stands before an @ a password. */
function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//')
}
