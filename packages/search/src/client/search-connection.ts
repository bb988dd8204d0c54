import { EmbedderError } from 'nestling'
import { within } from '@nestling/kit/calls/within'
import { connectApi, moving, type Remote } from '@nestling/kit/worker/endpoint'
import { keepAlive } from '@nestling/kit/calls/keep-alive'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { RemoteSearchHost, SearchHostApi } from '../wire/protocol.js'
import { watchEnd } from './watch-end.js'

/** How long a worker that is disposed of may take to write what it keeps. */
const LAST_WRITE_MS = 2000

/** Owns one worker: every call through it settles, also when the worker dies. */
export class SearchConnection {
  readonly #worker: Worker
  readonly #remote: Remote<RemoteSearchHost>
  readonly #calls = new PendingCalls()
  readonly #watch = new AbortController()
  readonly #onCrash: () => void

  /**
   * Takes a worker over.
   *
   * @param worker - A worker that runs our script.
   * @param onCrash - Told when it died.
   */
  constructor(worker: Worker, onCrash: () => void) {
    this.#worker = worker
    this.#remote = connectApi<RemoteSearchHost>(worker, EmbedderError)
    this.#onCrash = onCrash
  }

  /**
   * Asks the worker who it is.
   *
   * @returns What it says; rejects when the worker is ended first.
   */
  hello(): Promise<unknown> {
    // Another script that uses Comlink refuses the call: that, too, says who it is not.
    return this.#calls.track(this.#remote.hello().catch(String))
  }

  /**
   * Watches whether the worker lives from now on. What happened before it had started is for others to explain.
   *
   * @returns When it is watched.
   */
  async watch(): Promise<void> {
    this.#worker.addEventListener('error', (event) => {
      this.fail(event.message)
    })
    this.#worker.addEventListener('messageerror', () => {
      this.fail('a message could not be read')
    })
    const hold = (lock: string): Promise<boolean> => this.call('hold', lock)
    await watchEnd(hold, this.#watch.signal, () => {
      this.fail('the browser ended it')
    })
  }

  /**
   * Calls the worker.
   *
   * @param name - Method of the host.
   * @param args - Its arguments.
   * @returns What it answers; rejects when the worker ends first.
   */
  call<Name extends keyof SearchHostApi>(
    name: Name,
    ...args: Parameters<SearchHostApi[Name]>
  ): Promise<Awaited<ReturnType<SearchHostApi[Name]>>> {
    const remote: Remote<SearchHostApi> = this.#remote
    return this.#calls.track(remote[name](...args)).finally(keepAlive())
  }

  /**
   * Ends a worker that cannot go on.
   *
   * @param reason - What is wrong with it; nothing where the browser did not say.
   */
  fail(reason: string | undefined): void {
    this.#onCrash()
    this.close(crashed(reason))
  }

  /**
   * Ends the worker. Calls that are pending, and all later ones, reject.
   *
   * @param reason - What they reject with.
   */
  close(reason: unknown): void {
    this.#watch.abort()
    this.#calls.rejectAll(reason)
    this.#worker.terminate()
  }

  /**
   * Ends the worker once it has written what it keeps. Calls reject at once.
   *
   * @param reason - What they reject with.
   * @returns When it has ended.
   */
  async closeWhenWritten(reason: unknown): Promise<void> {
    this.#calls.rejectAll(reason)
    await within(this.#remote.dispose(), LAST_WRITE_MS).catch(() => undefined)
    this.close(reason)
  }
}

/**
 * Lets the buffers of typed arrays move to the worker.
 *
 * @param value - What is sent.
 * @param arrays - Arrays in it; this side loses them.
 * @returns The value.
 */
export function movingArrays<T extends object>(value: T, arrays: readonly ArrayBufferView<ArrayBuffer>[]): T {
  return moving(
    value,
    arrays.map(({ buffer }) => buffer),
  )
}

function crashed(message: string | undefined): EmbedderError {
  // A plain event has no message.
  const reason = message === undefined || message === '' ? 'the browser did not say why' : message
  return new EmbedderError(
    'worker-crashed',
    `Cannot go on as the search worker stopped: ${reason}\nCall again: where the index is stored, another worker takes over`,
    { details: { reason } },
  )
}
