import { EmbedderError } from 'nestling'
import { connectApi, moving } from '../wire/endpoint.js'
import { isTaken, webLocks, whenReleased } from '../wire/life-lock.js'
import { PendingCalls } from '../wire/pending-calls.js'
import type { SearchHostApi } from '../wire/protocol.js'
import { wireToError } from '../wire/wire-to-error.js'

/** How long a worker that is disposed of may take to write what it keeps. */
const LAST_WRITE_MS = 2000

/** What the worker offers: one door for all methods. */
interface Entry {
  call(name: keyof SearchHostApi, ...args: unknown[]): unknown
}

/** Owns one worker: every call through it settles, also when the worker dies. */
export class SearchConnection {
  readonly #worker: Worker
  readonly #remote: ReturnType<typeof connectApi<Entry>>
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
    this.#remote = connectApi<Entry>(worker, wireToError)
    this.#onCrash = onCrash
    worker.addEventListener('error', (event) => {
      this.fail(event.message)
    })
    worker.addEventListener('messageerror', () => {
      this.fail('a message could not be read')
    })
  }

  /**
   * Watches whether the worker lives from now on, where the browser has Web Locks.
   *
   * @returns When it is watched.
   */
  async watch(): Promise<void> {
    if (webLocks() === undefined) return
    const lock = `nestling-search-worker:${crypto.randomUUID()}`
    // Without this nothing tells of that end, and calls go on as they are.
    if (!(await this.call('hold', lock)) || !(await isTaken(lock))) return
    whenReleased(lock, this.#watch.signal, () => {
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
    const answer = this.#remote.call(name, ...args) as Promise<Awaited<ReturnType<SearchHostApi[Name]>>>
    return this.#calls.track(answer)
  }

  /**
   * Ends a worker that cannot go on.
   *
   * @param reason - What is wrong with it; empty where the browser did not say.
   */
  fail(reason: string): void {
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
    const written = Promise.resolve(this.#remote.call('dispose')).catch(() => undefined)
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, LAST_WRITE_MS))])
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

function crashed(message: string): EmbedderError {
  // Browsers say nothing about a script that could not be fetched.
  const reason = message === '' ? 'its script could not be loaded, or it ended without a message' : message
  return new EmbedderError(
    'worker-crashed',
    `Cannot go on as the search worker stopped: ${reason}\nCheck that search-worker.js is served as JavaScript from this origin`,
    { details: { reason } },
  )
}
