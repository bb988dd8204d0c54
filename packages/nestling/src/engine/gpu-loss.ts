import { EmbedderError } from '../wire/embedder-error.js'

/**
 * Says that the device under a run is gone.
 *
 * @param info - Why.
 * @returns The error for every call that waits.
 */
export function deviceLost({ reason, message }: GPUDeviceLostInfo): EmbedderError {
  return new EmbedderError(
    'device-lost',
    "Cannot encode as the GPU device was lost\nCall again: another worker takes over, and with device: 'auto' WASM where the GPU keeps failing",
    {
      details: { reason, message },
    },
  )
}
