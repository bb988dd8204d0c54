import { EmbedderError } from '../../../wire/embedder-error.js'

/**
 * Makes buffers or kernels, and finds out what the GPU says to it.
 *
 * @param work - Makes them; nothing in it waits.
 * @throws {EmbedderError} `out-of-memory` if there is no room, `run-failed` if something is wrong with them.
 */
export async function inErrorScopes(device: GPUDevice, work: () => void): Promise<void> {
  device.pushErrorScope('validation')
  device.pushErrorScope('out-of-memory')
  let thrown: Error | undefined
  try {
    work()
  } catch (error) {
    thrown = error instanceof Error ? error : new Error(String(error))
  }
  const popped = Promise.all([device.popErrorScope(), device.popErrorScope()])
  if (thrown instanceof EmbedderError) throw thrown
  // A mapped buffer that cannot be had is thrown as this at once.
  if (thrown instanceof RangeError) throw outOfMemory(thrown)
  if (thrown !== undefined) throw thrown
  const [memory, validation] = await popped
  if (memory !== null) throw outOfMemory(memory)
  if (validation !== null) {
    throw new EmbedderError('run-failed', 'Cannot prepare WebGPU kernels as the GPU refuses them', {
      cause: validation,
    })
  }
}

function outOfMemory(cause: unknown): EmbedderError {
  const message = "Cannot compute on WebGPU as GPU memory is full\nEncode shorter texts, or load with device: 'wasm'"
  return new EmbedderError('out-of-memory', message, { cause })
}
