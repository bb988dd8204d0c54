import { EmbedderError } from '../wire/embedder-error.js'
import { PendingCalls } from '../wire/pending-calls.js'
import type { HostApi } from '../wire/protocol.js'
import { connectHost } from '../wire/transfer-handlers.js'

/** Owns one worker: every call through it settles, also when the worker dies. */
export class HostConnection {
  readonly #worker: Worker
  readonly #api: HostApi
  readonly #calls = new PendingCalls()

  /**
   * Takes a worker over.
   *
   * @param worker - A worker that runs our script.
   */
  constructor(worker: Worker) {
    this.#worker = worker
    this.#api = connectHost(worker)
    worker.addEventListener('error', (event) => {
      this.close(crashed(event.message))
    })
    worker.addEventListener('messageerror', () => {
      this.close(crashed('a message could not be read'))
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
   * Ends a call of the host at its next batch; does not wait.
   *
   * @param id - The call.
   */
  cancel(id: number): void {
    this.#api.cancel(id)
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
}

function crashed(message: string): EmbedderError {
  // Browsers say nothing about a script that could not be fetched.
  const reason = message === '' ? 'its script could not be loaded, or it ended without a message' : message
  return new EmbedderError(
    'worker-crashed',
    `Cannot go on as the worker stopped: ${reason}\nCheck that worker.js is served as JavaScript from this origin, and load the model again`,
    { details: { reason } },
  )
}
