import { EmbedderError } from 'nestling/kernels'

/**
 * Starts the search worker.
 *
 * @param place - Where its script is: a URL, a function that starts it, or `undefined` for the file beside this one.
 * @returns The worker.
 * @throws {EmbedderError} `environment-unsupported` if there are no workers here, or the browser refuses to start one from there.
 */
export function spawnSearchWorker(place: string | URL | (() => Worker) | undefined): Worker {
  if (typeof Worker === 'undefined') {
    throw new EmbedderError(
      'environment-unsupported',
      'Cannot make an index as there are no Web Workers here: call createIndex() in a browser',
    )
  }
  if (typeof place === 'function') return place()
  try {
    if (place !== undefined) return new Worker(place, { type: 'module', name: 'nestling-search' })
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
