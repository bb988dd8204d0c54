import { sha256Hex } from '../../model/sha256.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredFile } from './stored-model.js'

/** Chunks that are read side by side, so that the disk does not wait while one is hashed: more took more memory and no less time. */
const READS_IN_FLIGHT = 4

/** Which file, and of which version of its model. */
export interface StoredFilePlace {
  readonly key: string
  readonly generation: string
  readonly file: Pick<StoredFile, 'path' | 'sizeBytes' | 'chunkSha256' | 'chunkBytes'>
}

/**
 * Reads the chunks of a stored file into one buffer, and checks each against its digest.
 *
 * @param storage - Where it is kept.
 * @param into - Takes the bytes, from its start on; at least as long as the file.
 * @param onBytes - Told about each chunk.
 * @throws {EmbedderError} `integrity-mismatch` if a chunk is damaged or missing, `store-unavailable`
 */
export async function readStoredFile(
  storage: RecordStorage,
  place: StoredFilePlace,
  into: Uint8Array<ArrayBuffer>,
  onBytes: (count: number) => void = () => undefined,
): Promise<void> {
  const { chunkSha256, chunkBytes } = place.file
  let next = 0
  const read = async (): Promise<void> => {
    for (let index = next++; index < chunkSha256.length; index = next++) {
      const chunk = await readStoredChunk(storage, place, index)
      into.set(chunk, index * chunkBytes)
      onBytes(chunk.byteLength)
    }
  }
  await Promise.all(Array.from({ length: READS_IN_FLIGHT }, read))
}

/**
 * Reads one chunk and checks it.
 *
 * @param storage - Where it is kept.
 * @param place - The file.
 * @returns Its bytes.
 * @throws {EmbedderError} `integrity-mismatch` if it is damaged or missing, `store-unavailable`
 */
async function readStoredChunk(
  storage: RecordStorage,
  place: StoredFilePlace,
  index: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { key, generation, file } = place
  const chunk = await storage.get('chunks', [key, generation, file.path, index])
  const sizeBytes = Math.min(file.chunkBytes, file.sizeBytes - index * file.chunkBytes)
  const isRight =
    chunk !== undefined && chunk.byteLength === sizeBytes && (await sha256Hex(chunk)) === file.chunkSha256[index]
  if (isRight) return chunk
  throw new EmbedderError(
    'integrity-mismatch',
    `Cannot read ${file.path} of the stored model ${key} as chunk ${index} is ${chunk === undefined ? 'missing' : 'damaged'}\nLoad the model with cache: { weights: 'reload' }, or delete it with modelCache.delete()`,
    { details: { path: file.path, model: key, chunk: index, isMissing: chunk === undefined } },
  )
}
