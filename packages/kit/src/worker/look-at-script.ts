import { within } from '../calls/within.js'

/** What the server says of a worker's script. */
export interface ScriptLook {
  readonly state:
    | 'there'
    | 'missing'
    | 'server-error'
    | 'no-javascript'
    | 'offline'
    | 'unreachable'
    | 'stalled'
    | 'other-origin'
    /** Not even that could be found out. */
    | 'unknown'
  readonly status?: number
  readonly contentType?: string
  /** `Cross-Origin-Embedder-Policy` of the answer. */
  readonly embedderPolicy?: string
}

/** Without a byte for this long a server counts as silent. */
const STALL_MS = 20_000

/** A script that takes longer to come, 0.5 MB at 15 kbit/s, is not waited for. */
const SCRIPT_MS = 300_000

/**
 * Asks for the script of a worker that did not start.
 *
 * @param url - Where the worker was started from.
 * @param options - Whether to wait until all of it has come, as the worker has to.
 * @returns What is there.
 */
export async function lookAtScript(url: string, { isWhole }: { readonly isWhole: boolean }): Promise<ScriptLook> {
  if (isOfOtherOrigin(url)) return { state: 'other-origin' }
  const controller = new AbortController()
  try {
    const response = await within(fetch(url, { signal: controller.signal }), STALL_MS)
    if (response === undefined) return { state: 'stalled' }
    const { status, headers } = response
    const contentType = headers.get('content-type') ?? ''
    const facts = { status, contentType, embedderPolicy: headers.get('cross-origin-embedder-policy') ?? '' }
    if ([404, 410].includes(status)) return { state: 'missing', ...facts }
    if (!response.ok) return { state: 'server-error', ...facts }
    // Browsers run nothing else that a server sends.
    if (isOfServer(url) && !/javascript|ecmascript/i.test(contentType)) return { state: 'no-javascript', ...facts }
    const hasCome = !isWhole || (await readAll(response))
    return { state: hasCome ? 'there' : 'stalled', ...facts }
  } catch {
    if (isOfServer(url) && !globalThis.navigator.onLine) return { state: 'offline' }
    return { state: isOfServer(url) ? 'unreachable' : 'unknown' }
  } finally {
    controller.abort()
  }
}

/**
 * Tells whether a worker may not be started from a URL.
 *
 * @returns Whether it is of a server that is not the page's own.
 */
export function isOfOtherOrigin(url: string): boolean {
  return isOfServer(url) && new URL(url).origin !== globalThis.location.origin
}

function isOfServer(url: string): boolean {
  return /^https?:/.test(url)
}

/** Whether all of a body came, without a long pause. */
async function readAll({ body }: Response): Promise<boolean> {
  const reader = body?.getReader()
  const end = performance.now() + SCRIPT_MS
  for (;;) {
    const part = reader === undefined ? { done: true } : await within(reader.read(), STALL_MS)
    if (part === undefined || performance.now() > end) return false
    if (part.done) return true
  }
}
