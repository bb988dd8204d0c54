import { EmbedderError } from '../wire/embedder-error.js'
import type { ResolvedLoadOptions } from './load-options.js'

/**
 * Starts the worker.
 *
 * @param options - Where its script is.
 * @returns The worker.
 * @throws {EmbedderError} `environment-unsupported` if the browser refuses to start one from there.
 */
export function spawnWorker(options: Pick<ResolvedLoadOptions, 'worker' | 'workerUrl' | 'assetBaseUrl'>): Worker {
  if (options.worker !== undefined) return options.worker
  const url = options.workerUrl ?? (options.assetBaseUrl === undefined ? undefined : `${options.assetBaseUrl}worker.js`)
  try {
    if (url !== undefined) return new Worker(url, { type: 'module', name: 'nestling' })
    // This literal must reach applications as it is: bundlers find the worker by it.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  } catch (cause) {
    throw new EmbedderError(
      'environment-unsupported',
      `Cannot start the worker as the browser refuses its URL${url === undefined ? '' : `: current value is ${url}`}\nServe worker.js from the page's own origin and allow it in worker-src`,
      { cause },
    )
  }
}
