import { within } from '../calls/within.js'
import { isOfOtherOrigin, lookAtScript, type ScriptLook } from './look-at-script.js'
import { pageUrl } from './page-url.js'
import { ADVICE_FOR_LIBRARIES, adviceForMovedModule } from './moved-module.js'
import type { FailedStart, StartFailureCode, WorkerScript } from './worker-script.js'

/** Why a worker does not start. */
type Reason =
  | Exclude<ScriptLook['state'], 'there'>
  | 'not-run'
  | 'content-security-policy'
  | 'embedder-policy'
  | 'refused'
  | 'threw'
  | 'silent'
  | 'other-script'
  | 'other-version'

/** What is known of a start that failed. */
interface Finding {
  readonly reason: Reason
  /** The reason in words: «Cannot start the worker as … ». */
  readonly says: string
  readonly look?: ScriptLook | undefined
  readonly cause?: unknown
}

/** A script that is there, and still says nothing, is waited for this long more: it may just have come. */
const GRACE_MS = 5000

/** The same where nobody knows the URL, so that nobody can tell a slow line from silence. */
const UNKNOWN_GRACE_MS = 10_000

/**
 * Finds out why a worker does not start; browsers say next to nothing of it.
 *
 * @param start - What came of it.
 * @returns When it has started after all.
 * @throws {Error} A failure `worker-crashed`, `worker-unresponsive` or `environment-unsupported`.
 */
export async function explainStart(start: FailedStart): Promise<void> {
  const { script, answer } = start
  const url = script.isGiven ? undefined : urlOf(script)
  if (answer !== undefined) throw toError(script, url, await findOut(start, url))
  const look = url === undefined ? undefined : await askFor(start, url, true)
  if (look !== undefined && look.state !== 'there' && look.state !== 'unknown') throw toError(script, url, ofLook(look))
  const later = await within(start.later, url === undefined ? UNKNOWN_GRACE_MS : GRACE_MS)
  if (later === script.id) return
  const finding = later === undefined ? SILENT : await findOut({ ...start, answer: later }, url)
  throw toError(script, url, finding)
}

const SILENT: Finding = { reason: 'silent', says: 'its script runs and does not answer' }

async function findOut(start: FailedStart, url: string | undefined): Promise<Finding> {
  const { answer, script } = start
  if (typeof answer === 'string') return otherScript(answer, script)
  await policyTold()
  const refusal = start.refusals.find((event) => isOfWorker(event, url))
  if (refusal !== undefined) {
    const { effectiveDirective } = refusal
    const says = `the page's content security policy refuses its script by ${effectiveDirective}`
    return { reason: 'content-security-policy', says }
  }
  if (typeof answer === 'object' && answer !== null && 'thrown' in answer) {
    if (url !== undefined && isOfOtherOrigin(url)) return { ...ofLook({ state: 'other-origin' }), cause: answer.thrown }
    return { reason: 'refused', says: 'the browser refuses its URL', cause: answer.thrown }
  }
  const { message, filename, lineno } = answer as Partial<ErrorEvent>
  if (message !== undefined && message !== '') {
    const place = filename === undefined || filename === '' ? '' : ` (${filename}:${lineno ?? 0})`
    return { reason: 'threw', says: `its script ended with ${message}${place}` }
  }
  return ofLook(url === undefined ? { state: 'unknown' } : await askFor(start, url, false))
}

/** Looks at the script, and does not take the page's own refusal for the server's. */
async function askFor({ refusals }: FailedStart, url: string, isWhole: boolean): Promise<ScriptLook> {
  const look = await lookAtScript(url, { isWhole })
  await policyTold()
  const isRefused = refusals.some((event) => event.effectiveDirective === 'connect-src' && event.blockedURI === url)
  return isRefused ? { state: 'unknown' } : look
}

/** The browser tells of its policy in a task of its own. */
function policyTold(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

function ofLook(look: ScriptLook): Finding {
  const { state } = look
  if (state === 'unknown') return { reason: state, says: 'it ended without a message', look }
  if (state !== 'there') return { reason: state, says: inWords(look), look }
  if (globalThis.crossOriginIsolated && look.embedderPolicy === '') {
    const says = 'the page is cross-origin isolated and its script comes without Cross-Origin-Embedder-Policy'
    return { reason: 'embedder-policy', says, look }
  }
  const says = 'its script is there and cannot be run (an error of syntax, or an import that is not there)'
  return { reason: 'not-run', says, look }
}

function inWords({ state, status = 0, contentType = '' }: ScriptLook): string {
  switch (state) {
    case 'missing':
      return `its script is not there (the server answers ${status})`
    case 'server-error':
      return `the server does not give its script (it answers ${status})`
    case 'no-javascript': {
      const sent = contentType === '' ? 'no content type' : contentType
      return `its script is no JavaScript (the server sends ${sent}${contentType.startsWith('text/html') ? ', a page' : ''})`
    }
    case 'offline':
      return 'its script cannot be fetched while the browser is offline'
    case 'unreachable':
      return 'its script cannot be fetched (the server does not answer)'
    case 'stalled':
      return 'its script does not come (the server has stopped sending)'
    default:
      return 'its script is of another origin, from which browsers start no worker'
  }
}

function otherScript(answer: string, { id }: WorkerScript): Finding {
  const [name, own] = [nameOf(answer), nameOf(id)]
  if (name === own) {
    return { reason: 'other-version', says: `it is of another version, ${answer}, and the page has ${id}` }
  }
  const who = /^@?[\w/-]+@[\w.+-]+$/.test(answer) ? `the worker of ${answer}` : 'a script that does not know nestling'
  return { reason: 'other-script', says: `it runs ${who} in the place of ${id}` }
}

function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf('@'))
}

function isOfWorker(
  { effectiveDirective, blockedURI }: SecurityPolicyViolationEvent,
  url: string | undefined,
): boolean {
  return (
    /^(worker|child)-src$/.test(effectiveDirective) || (/^script-src/.test(effectiveDirective) && blockedURI === url)
  )
}

/** What is of the environment, and not of this worker. */
const CODES: Readonly<Partial<Record<Reason, StartFailureCode>>> = {
  'content-security-policy': 'environment-unsupported',
  'embedder-policy': 'environment-unsupported',
  'other-origin': 'environment-unsupported',
  'other-script': 'environment-unsupported',
  'other-version': 'environment-unsupported',
  refused: 'environment-unsupported',
  silent: 'worker-unresponsive',
  stalled: 'worker-unresponsive',
}

function toError(script: WorkerScript, url: string | undefined, { reason, says, look, cause }: Finding): Error {
  const where = url ?? 'known to the caller alone'
  return new script.failureClass(
    CODES[reason] ?? 'worker-crashed',
    `Cannot start the worker as ${says}: current URL is ${where}\n${adviceForMovedModule(where) ?? adviceFor(reason, script)}`,
    {
      cause,
      details: {
        reason,
        url: url ?? null,
        // A worker that never started does not start the next time either: nobody tries again.
        isStarted: false,
        ...(look?.status === undefined ? {} : { status: look.status, contentType: look.contentType ?? '' }),
      },
    },
  )
}

/** What to do, one line. */
function adviceFor(reason: Reason, { file, id, options }: WorkerScript): string {
  switch (reason) {
    case 'content-security-policy':
      return `Allow it in worker-src, as in worker-src 'self'`
    case 'embedder-policy':
      return `Send Cross-Origin-Embedder-Policy: require-corp with ${file} too`
    case 'offline':
    case 'unreachable':
    case 'stalled':
      return 'Check the connection, and try again'
    case 'other-version':
      return `Serve ${file} of ${id}: where it was copied, copy it again (npx nestling copy-assets), and empty caches`
    case 'other-script':
    case 'silent':
      return `Serve ${file} of ${id}, and say where it is with ${options}`
    case 'threw':
    case 'not-run':
      return `Serve ${file} of ${id} as it is, and as a module`
    case 'missing':
    case 'no-javascript':
      return `Serve ${file} from the page's own origin as JavaScript, or say where it is with ${options}; ${ADVICE_FOR_LIBRARIES}`
    default:
      return `Serve ${file} from the page's own origin as JavaScript, or say where it is with ${options}; allow it in worker-src; under Trusted Types give assetBaseUrl and allow the policy nestling`
  }
}

/**
 * Finds the URL that a worker is started from. Bundlers write another expression in the place of the literal, so what counts is what
 * reaches the constructor: for this one moment it is one that only listens.
 */
function urlOf({ spawn }: WorkerScript): string | undefined {
  const { Worker: native } = globalThis
  let url: string | undefined
  function Listener(given: string | URL): void {
    url = pageUrl(given).href
  }
  try {
    globalThis.Worker = Listener as unknown as typeof Worker
    try {
      spawn()
    } finally {
      globalThis.Worker = native
    }
  } catch {
    // Globals may be frozen, and the URL no URL.
  }
  return url
}
