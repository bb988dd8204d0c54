import { type EmbedderErrorCode, isEmbedderError } from 'nestling'
import { elementById } from './element.js'

/** A failure in words for the reader of the page. */
export interface Failure {
  readonly message: string
  /** What the reader can do. */
  readonly remedy: string
  /** Code of the library's error, absent for other errors. */
  readonly code: EmbedderErrorCode | undefined
}

const RELOAD = 'Reload the page to try again.'
const CHECK_CONNECTION = 'Check your connection and reload the page.'
const FREE_MEMORY = 'Close other tabs to free memory, then reload the page.'

const REMEDIES: Readonly<Partial<Record<EmbedderErrorCode, string>>> = {
  'environment-unsupported': 'Open the page in a current Chrome, Edge, Firefox or Safari.',
  'webgpu-unavailable': 'Remove ?device=webgpu from the address, so that the model runs on the processor.',
  'device-lost': RELOAD,
  'out-of-memory': FREE_MEMORY,
  'worker-crashed': FREE_MEMORY,
  'model-not-found': 'The model is missing on this server: copy the whole build output, assets included.',
  'model-fetch-failed': CHECK_CONNECTION,
  'integrity-mismatch': 'The model was damaged on its way. Empty the cache and reload the page.',
}

/**
 * Puts an error into words.
 *
 * @param error - Anything that was caught.
 * @returns What happened and what to do.
 */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if (!isEmbedderError(error)) return { message, remedy: RELOAD, code: undefined }
  return { message, remedy: REMEDIES[error.code] ?? RELOAD, code: error.code }
}

/**
 * Shows a failure below the search box.
 *
 * @param failure - What happened and what to do.
 */
export function showFailure({ message, remedy, code }: Failure): void {
  elementById('failure-code', HTMLElement).textContent = code ?? 'error'
  elementById('failure-message', HTMLElement).textContent = message
  elementById('failure-remedy', HTMLElement).textContent = remedy
  elementById('failure', HTMLElement).hidden = false
}
