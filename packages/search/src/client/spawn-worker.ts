import type { WorkerScript } from '@nestling/kit/worker/worker-script'
import { EmbedderError } from 'nestling'
import { show } from '@nestling/kit/options/show'
import { IDENTITY } from '../wire/identity.js'
import { pageUrl } from '@nestling/kit/worker/page-url'

/** Milliseconds that a new worker has to say who it is. Its first line does: after 0.1 s, on a busy machine after a few seconds. */
const HELLO_MS = 20_000

/**
 * Says how search workers are started.
 *
 * @param place - Where the script is: a URL, a function that starts it, or `undefined` for the file beside this one.
 * @throws {EmbedderError} `environment-unsupported` if there are no workers here.
 */
export function searchWorkerScript(place: string | URL | (() => Worker) | undefined): WorkerScript {
  if (typeof Worker === 'undefined') {
    throw new EmbedderError(
      'environment-unsupported',
      'Cannot make an index as there are no Web Workers here: call createIndex() in a browser',
    )
  }
  return {
    id: IDENTITY,
    file: 'search-worker.js',
    options: 'the option worker',
    spawn: () => (typeof place === 'function' ? checkSpawned(place()) : spawnWorker(place)),
    isGiven: typeof place === 'function',
    helloMs: HELLO_MS,
    failureClass: EmbedderError,
  }
}

/** Callers may not use TypeScript; an async function gives a promise. */
function checkSpawned(worker: unknown): Worker {
  if (worker instanceof Worker) return worker
  throw new TypeError(
    `Cannot make an index as the function worker must give a Worker: current value is ${show(worker)}`,
  )
}

function spawnWorker(place: string | URL | undefined): Worker {
  if (place !== undefined) return new Worker(pageUrl(place), { type: 'module', name: 'nestling-search' })
  // This literal must reach applications as it is: bundlers find the worker by it.
  return new Worker(new URL('./search-worker.js', import.meta.url), { type: 'module' })
}
