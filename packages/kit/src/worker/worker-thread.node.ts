import * as Comlink from 'comlink'
import nodeEndpoint from 'comlink/dist/esm/node-adapter'
import { MessageChannel, parentPort, Worker as Thread } from 'node:worker_threads'
import type { Endpoint } from './endpoint.js'

type Listener = (event: { readonly message?: string }) => void

/**
 * A thread of Node with what a page asks of a worker.
 *
 * It never keeps the process alive by itself: who waits for it does, with a timer.
 */
export class WorkerThread {
  readonly #thread: Thread
  readonly #endpoint: Endpoint
  readonly #listeners: Record<'error' | 'messageerror', Set<Listener>> = { error: new Set(), messageerror: new Set() }
  #hasEnded = false

  /** Starts a module in a thread of its own. */
  constructor(url: URL) {
    letCallbacksEnd()
    // Without what this process runs before its modules, as loaders of TypeScript.
    this.#thread = new Thread(url, { execArgv: [], name: 'nestling' })
    this.#endpoint = nodeEndpoint(this.#thread)
    this.#thread.on('error', (error) => {
      this.#end(error instanceof Error ? error.message : String(error))
    })
    this.#thread.on('exit', (code) => {
      this.#end(`exit code ${code}`)
    })
    this.#thread.on('messageerror', ({ message }) => {
      for (const listener of this.#listeners.messageerror) listener({ message })
    })
    this.#thread.unref()
  }

  postMessage(message: unknown, transfer?: Transferable[]): void {
    this.#endpoint.postMessage(message, transfer)
  }

  addEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    if (type === 'error' || type === 'messageerror') this.#listeners[type].add(listener as unknown as Listener)
    else {
      this.#endpoint.addEventListener(type, listener)
      // To listen keeps a thread's port alive.
      this.#thread.unref()
    }
  }

  removeEventListener(type: string, listener: EventListenerOrEventListenerObject): void {
    if (type === 'error' || type === 'messageerror') this.#listeners[type].delete(listener as unknown as Listener)
    else this.#endpoint.removeEventListener(type, listener)
  }

  terminate(): void {
    this.#hasEnded = true
    void this.#thread.terminate()
  }

  /** Told once, and not of the end that was asked for. */
  #end(message: string): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    for (const listener of this.#listeners.error) listener({ message })
  }
}

/** Gives the other side of the thread that this code runs in. */
export function startingThread(): Endpoint {
  if (parentPort === null) throw new Error('Cannot answer calls as this is no worker thread')
  return nodeEndpoint(parentPort)
}

/** The ports of functions that threads may call keep no process alive either. */
function letCallbacksEnd(): void {
  const original = Comlink.transferHandlers.get('proxy')
  if (original === undefined) return
  Comlink.transferHandlers.set('proxy', {
    ...original,
    serialize: (callback) => {
      const { port1, port2 } = new MessageChannel()
      Comlink.expose(callback, nodeEndpoint(port1))
      port1.unref()
      return [port2, [port2]]
    },
  })
}
