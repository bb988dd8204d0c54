import { WorkerThread } from '@nestling/kit/worker/worker-thread.node'
import type { WorkerScript } from '@nestling/kit/worker/worker-script'
import { show } from '@nestling/kit/options/show'
import { EmbedderError } from 'nestling'
import { IDENTITY } from '../wire/identity.js'

/** Milliseconds that a new thread has to say who it is, on a busy machine. */
const HELLO_MS = 20_000

/**
 * Says how search threads are started.
 *
 * @param place - What a page may say.
 * @throws {TypeError} If the caller says it here.
 */
export function searchWorkerScript(place: unknown): WorkerScript {
  if (place !== undefined) {
    throw new TypeError(
      `Cannot make an index as worker is for pages: current value is ${show(place)}\nLeave it out: on Node all files lie in the package`,
    )
  }
  return {
    id: IDENTITY,
    file: 'node-search-worker.js',
    options: 'no option',
    spawn,
    isGiven: false,
    helloMs: HELLO_MS,
    failureClass: EmbedderError,
  }
}

function spawn(): Worker {
  // Not inside of the call: a bundler would make a bundle of its own of it, and copies the file as it is.
  const url = new URL('./node-search-worker.js', import.meta.url)
  return new WorkerThread(url) as unknown as Worker
}
