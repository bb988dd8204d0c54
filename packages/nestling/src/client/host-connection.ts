import { EmbedderError } from '../wire/embedder-error.js'
import { PendingCalls } from '../wire/pending-calls.js'
import type { EncodeRequest, HostApi } from '../wire/protocol.js'
import { connectHost } from '../wire/transfer-handlers.js'
import { within } from '../wire/within.js'
import { ADVICE_FOR_LIBRARIES } from './moved-module.js'

/** A worker that still writes what it keeps is given this long; what takes longer is encoded again some day. */
const LAST_WRITE_MS = 2000

/** Owns one worker: every call through it settles, also when the worker dies. */
export class HostConnection {
  readonly #worker: Worker
  readonly #api: HostApi
  readonly #calls = new PendingCalls()
  #requests: EncodeRequest[] = []

  /**
   * Takes a worker over.
   *
   * @param worker - A worker that runs our script.
   * @param onCrash - Told when the worker fails outside of any call.
   */
  constructor(worker: Worker, onCrash: (error: EmbedderError) => void) {
    this.#worker = worker
    this.#api = connectHost(worker)
    worker.addEventListener('error', (event) => {
      onCrash(crashed(event.message))
    })
    worker.addEventListener('messageerror', () => {
      onCrash(crashed('a message could not be read'))
    })
  }

  /**
   * Calls the host.
   *
   * @param run - The call.
   * @returns What the host answers; rejects when the connection is closed first.
   */
  call<T>(run: (host: HostApi) => Promise<T>): Promise<T> {
    return this.#calls.track(run(this.#api))
  }

  /**
   * Sends a request to encode. Those of one tick go in one message, so that a page that makes a thousand calls is not held up, and
   * the host sees them all before it starts.
   *
   * @param request - The request; what becomes of it is told in events.
   * @param onRefused - Told when the host does not even take it.
   */
  encode(request: EncodeRequest, onRefused: (error: unknown) => void): void {
    this.#requests.push(request)
    if (this.#requests.length > 1) return
    queueMicrotask(() => {
      const requests = this.#requests
      this.#requests = []
      this.call((host) => host.encode(requests)).catch(onRefused)
    })
  }

  /**
   * Ends requests; does not wait.
   *
   * @param ids - The requests.
   */
  cancel(ids: readonly number[]): void {
    this.#requests = this.#requests.filter(({ id }) => !ids.includes(id))
    this.#api.cancel(ids)
  }

  /**
   * Ends the worker and with it everything it holds. Calls that are pending, and all later ones, reject.
   *
   * @param reason - What they reject with.
   */
  close(reason: unknown): void {
    this.#calls.rejectAll(reason)
    this.#worker.terminate()
  }

  /**
   * Ends the worker once it has written what it keeps between visits. Calls reject at once.
   *
   * @param reason - What they reject with.
   * @returns When it has ended.
   */
  async closeWhenWritten(reason: unknown): Promise<void> {
    this.#calls.rejectAll(reason)
    await within(this.#api.dispose(), LAST_WRITE_MS).catch(() => undefined)
    this.close(reason)
  }
}

function crashed(message: string): EmbedderError {
  // Browsers say nothing about a script that could not be fetched.
  const reason = message === '' ? 'its script could not be loaded, or it ended without a message' : message
  return new EmbedderError(
    'worker-crashed',
    `Cannot go on as the worker stopped: ${reason}\nCheck that worker.js is served as JavaScript from this origin; ${ADVICE_FOR_LIBRARIES}; the next call starts another worker`,
    { details: { reason } },
  )
}
