import { EmbedderError } from '../../wire/embedder-error.js'
import type { DownloadProgress } from '../download/download-progress.js'

/**
 * Reads a blob and counts its bytes.
 *
 * @param path - Path in the folder.
 * @param progress - Told about bytes.
 * @throws {EmbedderError} `model-fetch-failed` if it cannot be read: a file that changed or went away since it was chosen.
 */
export async function readBlob(path: string, blob: Blob, progress: DownloadProgress): Promise<Uint8Array<ArrayBuffer>> {
  progress.expect(path, blob.size)
  let bytes: Uint8Array<ArrayBuffer>
  try {
    bytes = new Uint8Array(await blob.arrayBuffer())
  } catch (cause) {
    throw new EmbedderError(
      'model-fetch-failed',
      `Cannot load ${path} as it cannot be read: it may have changed since it was chosen\nChoose the folder again`,
      { cause, details: { path } },
    )
  }
  progress.add(path, bytes.byteLength)
  return bytes
}
