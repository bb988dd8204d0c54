import { EmbedderError } from 'nestling'
import { show } from '../options/check-options.js'
import { pageUrl } from './page-url.js'

/**
 * Starts the search worker.
 *
 * @param place - Where its script is: a URL, a function that starts it, or `undefined` for the file beside this one.
 * @returns The worker.
 * @throws {TypeError} If the function gives no worker.
 * @throws {EmbedderError} `environment-unsupported` if there are no workers here, or the browser refuses to start one from there.
 */
export function spawnSearchWorker(place: string | URL | (() => Worker) | undefined): Worker {
  if (typeof Worker === 'undefined') {
    throw new EmbedderError(
      'environment-unsupported',
      'Cannot make an index as there are no Web Workers here: call createIndex() in a browser',
    )
  }
  if (typeof place === 'function') return checkSpawned(place())
  try {
    if (place !== undefined) return new Worker(pageUrl(place), { type: 'module', name: 'nestling-search' })
    // This literal must reach applications as it is: bundlers find the worker by it.
    return new Worker(new URL('./search-worker.js', import.meta.url), { type: 'module' })
  } catch (cause) {
    throw new EmbedderError(
      'environment-unsupported',
      `Cannot start the search worker as the browser refuses its URL${place === undefined ? '' : `: current value is ${String(place)}`}\nServe search-worker.js from the page's own origin and allow it in worker-src`,
      { cause },
    )
  }
}

/** Callers may not use TypeScript; an async function gives a promise. */
function checkSpawned(worker: unknown): Worker {
  if (worker instanceof Worker) return worker
  throw new TypeError(
    `Cannot make an index as the function worker must give a Worker: current value is ${show(worker)}`,
  )
}
