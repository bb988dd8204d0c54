import { EmbedderError } from '../../wire/embedder-error.js'
import { IDENTITY } from '../../wire/identity.js'
import { show } from '@nestling/kit/options/show'
import type { ResolvedLoadOptions } from '../options/load-options.js'
import type { WorkerScript } from '@nestling/kit/worker/worker-script'
import { trustedScriptUrl } from './trusted-url.js'

/** Where the worker's script is. */
export type WorkerPlace = Pick<ResolvedLoadOptions, 'worker' | 'workerUrl' | 'assetBaseUrl' | 'limits'>

/**
 * Says how workers are started.
 *
 * @returns The script. Starting one throws `worker-crashed` if the only worker that the caller gave was used up.
 */
export function workerScript(options: WorkerPlace): WorkerScript {
  const isGiven = options.worker !== undefined
  const { helloMs } = options.limits
  return {
    id: IDENTITY,
    file: 'worker.js',
    options: 'assetBaseUrl or workerUrl',
    spawn: spawnerOf(options),
    isGiven,
    helloMs,
    failureClass: EmbedderError,
  }
}

function spawnerOf(options: WorkerPlace): () => Worker {
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

function spawnWorker({ workerUrl, assetBaseUrl }: WorkerPlace): Worker {
  const url = workerUrl ?? (assetBaseUrl === undefined ? undefined : `${assetBaseUrl}worker.js`)
  if (url !== undefined) return new Worker(trustedScriptUrl(url), { type: 'module', name: 'nestling' })
  // This literal must reach applications as it is: bundlers find the worker by it.
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
}
