import { WorkerThread } from '@nestling/kit/worker/worker-thread.node'
import type { WorkerScript } from '@nestling/kit/worker/worker-script'
import { EmbedderError } from '../../wire/embedder-error.js'
import { IDENTITY } from '../../wire/identity.js'
import type { ResolvedLoadOptions } from '../options/load-options.js'

/** Says how threads are started. */
export function workerScript({ limits: { helloMs } }: Pick<ResolvedLoadOptions, 'limits'>): WorkerScript {
  return {
    id: IDENTITY,
    file: 'node-worker.js',
    options: 'no option',
    spawn,
    isGiven: false,
    helloMs,
    failureClass: EmbedderError,
  }
}

function spawn(): Worker {
  // Not inside of the call: a bundler would make a bundle of its own of it, and copies the file as it is.
  const url = new URL('./node-worker.js', import.meta.url)
  return new WorkerThread(url) as unknown as Worker
}
