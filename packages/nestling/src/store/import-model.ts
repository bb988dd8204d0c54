import { EmbedderError } from '../wire/embedder-error.js'
import type { FileWriter } from './file-writer.js'
import type { StoredFile, StoredModel } from './stored-model.js'
import type { WeightStore } from './weight-store.js'

/** A model that comes from elsewhere than its server. */
export interface ImportedModel extends Pick<StoredModel, 'key' | 'name' | 'absentPaths' | 'commit'> {
  readonly files: readonly ImportedFile[]
}

/** A file of it: what its manifest said where it comes from, and its bytes in pieces of any length. */
export interface ImportedFile extends StoredFile {
  readonly pieces: AsyncIterable<Uint8Array<ArrayBuffer>>
}

/**
 * Stores a model that comes from a file; the one that was stored under its key gives way only when all of it is here.
 *
 * @param store - The store.
 * @param model - The model.
 * @returns The manifest.
 * @throws {EmbedderError} `integrity-mismatch` if the bytes are not those of its manifest, `quota-exceeded` or `store-unavailable`, and
 * what reading the pieces throws; then nothing has changed.
 */
export async function importModel(store: WeightStore, model: ImportedModel): Promise<StoredModel> {
  const { key, name, absentPaths, commit } = model
  const generation = crypto.randomUUID()
  try {
    const files: StoredFile[] = []
    for (const file of model.files) {
      const { path, etag, sizeBytes, chunkBytes } = file
      const writer = store.startFile({ key, generation, path }, { etag, commit, totalBytes: sizeBytes }, chunkBytes)
      await writePieces(writer, file)
      files.push(await writer.complete(file.sha256))
    }
    return await store.commitModel({ key, name, generation, files, absentPaths, commit })
  } catch (error) {
    await store.discard(key, generation).catch(() => undefined)
    throw error
  }
}

/** Cuts pieces into chunks; at most one chunk is in memory. */
async function writePieces(
  writer: FileWriter,
  { path, sizeBytes, chunkBytes, chunkSha256, pieces }: ImportedFile,
): Promise<void> {
  let chunk = new Uint8Array(Math.min(chunkBytes, sizeBytes))
  let length = 0
  for await (const piece of pieces) {
    for (let offset = 0; offset < piece.byteLength;) {
      const part = piece.subarray(offset, offset + chunk.byteLength - length)
      if (part.byteLength === 0) throw notAsListed(path)
      chunk.set(part, length)
      length += part.byteLength
      offset += part.byteLength
      if (length < chunk.byteLength) continue
      await writer.append(chunk)
      chunk = new Uint8Array(Math.min(chunkBytes, sizeBytes - writer.download.loadedBytes))
      length = 0
    }
  }
  const { download } = writer
  if (download.loadedBytes !== sizeBytes || download.chunkSha256.join() !== chunkSha256.join()) throw notAsListed(path)
}

function notAsListed(path: string): EmbedderError {
  return new EmbedderError(
    'integrity-mismatch',
    `Cannot import ${path} as its bytes are not those of its manifest\nExport the model again: the file is damaged`,
    { details: { path } },
  )
}
