import type { Rows } from './principal-components.js'

/**
 * Projects vectors on a plane and places them in the drawing, in a worker of its own.
 *
 * @returns Coordinates `x, y` of each, in the drawing.
 * @throws {Error} If the worker fails.
 */
export function project({ data, count, dim }: Rows): Promise<Float32Array> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./projection-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data: points }: MessageEvent<Float32Array>) => {
      worker.terminate()
      resolve(points)
    }
    worker.onerror = ({ message }) => {
      worker.terminate()
      reject(new Error(`Cannot draw the map as its worker stopped: ${message}`))
    }
    worker.postMessage({ data, count, dim })
  })
}
