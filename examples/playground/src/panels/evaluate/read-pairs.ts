import type { PairsAnswer } from './pairs-worker.js'
import type { ScoredPairs } from './scored-pairs.js'

/**
 * Reads a CSV file of scored pairs, in a worker.
 *
 * @throws {Error} If it is none.
 */
export function readPairs(file: Blob): Promise<ScoredPairs> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./pairs-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<PairsAnswer>) => {
      worker.terminate()
      if ('pairs' in data) resolve(data.pairs)
      else reject(new Error(data.message))
    }
    worker.onerror = ({ message }) => {
      worker.terminate()
      reject(new Error(`Cannot read the file as its worker stopped: ${message}`))
    }
    worker.postMessage(file)
  })
}
