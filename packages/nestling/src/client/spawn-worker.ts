import { EmbedderError } from '../wire/embedder-error.js'
import { kernelUrls } from './asset-urls.js'
import { show } from './check-options.js'
import type { ResolvedLoadOptions } from './load-options.js'
import { adviceForMovedModule } from './moved-module.js'
import { trustedScriptUrl } from './trusted-url.js'

/** Where the worker's script is. */
export type WorkerPlace = Pick<ResolvedLoadOptions, 'worker' | 'workerUrl' | 'assetBaseUrl'>

/**
 * Makes a function that starts a worker, each time another one.
 *
 * @param options - Where its script is.
 * @returns Starts a worker; throws `environment-unsupported` if the browser refuses to start one from there, `worker-crashed` if the
 * only one that the caller gave was used up.
 */
export function workerSpawner(options: WorkerPlace): () => Worker {
  const { worker } = options
  if (worker === undefined) return () => spawnWorker(options)
  if (typeof worker === 'function') return () => checkSpawned(worker())
  let isUsed = false
  return () => {
    if (isUsed) {
      throw new EmbedderError(
        'worker-crashed',
        'Cannot start another worker as the option worker was a single one\nGive a function that starts a worker',
      )
    }
    isUsed = true
    return worker
  }
}

/** Callers may not use TypeScript. */
function checkSpawned(worker: unknown): Worker {
  if (worker instanceof Worker) return worker
  throw new TypeError(`Cannot load a model as the function worker must give a Worker: current value is ${show(worker)}`)
}

function spawnWorker(options: WorkerPlace): Worker {
  const url = options.workerUrl ?? (options.assetBaseUrl === undefined ? undefined : `${options.assetBaseUrl}worker.js`)
  if (url === undefined) checkNeighbour(kernelUrls(undefined).simd ?? '')
  try {
    if (url !== undefined) return new Worker(trustedScriptUrl(url), { type: 'module', name: 'nestling' })
    // This literal must reach applications as it is: bundlers find the worker by it.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  } catch (cause) {
    throw new EmbedderError(
      'environment-unsupported',
      `Cannot start the worker as the browser refuses its URL${url === undefined ? '' : `: current value is ${url}`}\nServe worker.js from the page's own origin and allow it in worker-src; under Trusted Types give assetBaseUrl and allow the policy nestling`,
      { cause },
    )
  }
}

/** The browser would ask for a worker that cannot be there, and say nothing of why. */
function checkNeighbour(url: string): void {
  const advice = adviceForMovedModule(url)
  if (advice === undefined) return
  throw new EmbedderError(
    'environment-unsupported',
    `Cannot start the worker as its script must lie beside the module: current value is ${new URL(import.meta.url).pathname}\n${advice}`,
  )
}
