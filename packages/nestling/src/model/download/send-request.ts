import { EmbedderError, type EmbedderErrorCode, type ErrorDetails } from '../../wire/embedder-error.js'
import { dropsAuthorization } from './drops-authorization.js'
import { fetchUrl } from './fetch-url.js'
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
  /** Bytes that are wanted, as the header `Range` names them; goes before `start`. */
  readonly range?: string
  /** Watches the body too, and is stopped by the caller; without it only the wait for the answer is watched. */
  readonly watch?: StallWatch
}

/** Media types of pages. */
const PAGE_TYPE = /^\s*(text\/html|application\/xhtml\+xml)\b/i

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
  if (PAGE_TYPE.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel()
    throw pageFailure(request)
  }
  return response
}

const FAILED = 'the request failed: check the connection and CORS, which answers with an error status need too'

async function fetchWatched(request: FileRequest, how: RequestHow): Promise<Response> {
  const watch = how.watch ?? new StallWatch(request.stallMs)
  try {
    const response = await fetchUrl(request.url, { ...requestInit(request, how), signal: watch.signal })
    watch.hear()
    return response
  } catch (cause) {
    if (watch.hasStalled) throw stallFailure(request, watch.limitMs, cause)
    throw requestFailure('model-fetch-failed', request, FAILED + hintOf(request), { cause })
  } finally {
    if (how.watch === undefined) watch.stop()
  }
}

function requestInit({ token }: FileRequest, { method = 'GET', start = 0, range }: RequestHow): RequestInit {
  const headers = new Headers()
  const wanted = range ?? (start > 0 ? `bytes=${start}-` : undefined)
  if (wanted !== undefined) headers.set('Range', wanted)
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

function hintOf({ hint }: FileRequest): string {
  return hint === undefined ? '' : `\n${hint}`
}

/**
 * Makes the error of an answer that is a page: servers of single-page applications give theirs for every path that they do not know.
 *
 * @returns The error, to be thrown.
 */
export function pageFailure(request: FileRequest): EmbedderError {
  const reason =
    'the server answered with an HTML page\nCheck the URL and what was deployed: some servers give their page for every file that they do not have'
  return requestFailure('model-not-found', request, reason)
}

function badStatus(request: FileRequest, { status, statusText, headers }: Response): EmbedderError {
  const code = CODE_OF_STATUS[status] ?? 'model-fetch-failed'
  const waitMs = code === 'model-rate-limited' ? retryAfterMs(headers.get('retry-after')) : undefined
  const isRefusal = code === 'model-unauthorized' || code === 'model-not-found'
  // A file of this machine, of which no server tells.
  const said = request.url.startsWith('file:') ? statusText : `the server answered with status ${status}`
  return requestFailure(code, request, `${said}${isRefusal ? hintOf(request) : ''}`, {
    details: { status, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) },
  })
}

/**
 * Makes the error of a request that went silent.
 *
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
  const shown = withoutSecrets(url)
  const details = { path, url: shown, ...more.details }
  return new EmbedderError(code, `Cannot load ${path} from ${shown} as ${reason}`, { cause: more.cause, details })
}

/**
 * Makes a URL fit to be shown: a query may hold a signature, and what stands before an @ a password.
 *
 * @returns The URL without them.
 */
export function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//')
}
