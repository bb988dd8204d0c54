import { EmbedderError } from '../wire/embedder-error.js'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { EncodeRequest, HostApi, RemoteHost } from '../wire/protocol.js'
import { connectHost } from '../wire/transfer-handlers.js'
import { within } from '@nestling/kit/calls/within'
import { LAST_WRITE_MS } from './limits.js'

/** Owns one worker: every call through it settles, also when the worker dies. */
export class Connection {
  readonly #worker: Worker
  readonly #api: RemoteHost
  readonly #calls = new PendingCalls()
  #requests: EncodeRequest[] = []
  #sending: Promise<void> | undefined

  constructor(worker: Worker) {
    this.#worker = worker
    this.#api = connectHost(worker)
  }

  /** Asks the worker who it is. */
  hello(): Promise<unknown> {
    return this.#calls.track(this.#api.hello())
  }

  /** Watches the worker from now on: what happened before it had started is for others to explain. */
  watch(onCrash: (error: EmbedderError) => void): void {
    this.#worker.addEventListener('error', ({ message }) => {
      onCrash(crashed(message))
    })
    this.#worker.addEventListener('messageerror', () => {
      onCrash(crashed('a message could not be read'))
    })
  }

  /** Calls the host; rejects when the connection is closed first. */
  call<T>(run: (host: HostApi) => Promise<T>): Promise<T> {
    return this.#calls.track(run(this.#api))
  }

  /**
   * Sends a request to encode. Those of one tick go in one message, so that a page that makes a thousand calls is not held up, and
   * the host sees them all before it starts.
   */
  encode(request: EncodeRequest): Promise<void> {
    this.#requests.push(request)
    this.#sending ??= Promise.resolve().then(() => {
      const requests = this.#requests
      this.#requests = []
      this.#sending = undefined
      return this.#calls.track(this.#api.encode(requests))
    })
    return this.#sending
  }

  /** Ends requests; does not wait. */
  cancel(ids: readonly number[]): void {
    this.#requests = this.#requests.filter(({ id }) => !ids.includes(id))
    this.#api.cancel(ids)
  }

  /** Ends the worker and with it everything it holds. Calls that are pending, and all later ones, reject with the reason. */
  close(reason: unknown): void {
    this.#calls.rejectAll(reason)
    this.#worker.terminate()
  }

  /** Ends the worker once it has written what it keeps between visits. Calls reject at once. */
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
