import { EmbedderError } from '../wire/embedder-error.js'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { EncodeRequest, HostApi, RemoteHost } from '../wire/protocol.js'
import { connectHost } from '../wire/transfer-handlers.js'
import { within } from '@nestling/kit/calls/within'

/** A worker that still writes what it keeps is given this long; what takes longer is encoded again some day. */
const LAST_WRITE_MS = 2000

/** Owns one worker: every call through it settles, also when the worker dies. */
export class HostConnection {
  readonly #worker: Worker
  readonly #api: RemoteHost
  readonly #calls = new PendingCalls()
  readonly #onCrash: (error: EmbedderError) => void
  #requests: EncodeRequest[] = []

  /**
   * Takes a worker over.
   *
   * @param worker - A worker that runs our script.
   * @param onCrash - Told when the worker fails outside of any call, once it is watched.
   */
  constructor(worker: Worker, onCrash: (error: EmbedderError) => void) {
    this.#worker = worker
    this.#api = connectHost(worker)
    this.#onCrash = onCrash
  }

  /**
   * Asks the worker who it is.
   *
   * @returns What it says; rejects when the connection is closed first.
   */
  hello(): Promise<unknown> {
    return this.#calls.track(this.#api.hello())
  }

  /** Watches the worker from now on: what happened before it had started is for others to explain. */
  watch(): void {
    this.#worker.addEventListener('error', ({ message }) => {
      this.#onCrash(crashed(message))
    })
    this.#worker.addEventListener('messageerror', () => {
      this.#onCrash(crashed('a message could not be read'))
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

function crashed(message: string | undefined): EmbedderError {
  // A plain event has no message.
  const reason = message === undefined || message === '' ? 'the browser did not say why' : message
  return new EmbedderError(
    'worker-crashed',
    `Cannot go on as the worker stopped: ${reason}\nCall again: another worker takes over`,
    { details: { reason } },
  )
}
