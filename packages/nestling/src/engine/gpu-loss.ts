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
    'Cannot encode as the GPU device was lost\nDispose the embedder and load it again',
    {
      details: { reason, message },
    },
  )
}
