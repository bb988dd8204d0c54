import { EmbedderError } from '../../wire/embedder-error.js'
import { sha256Hex } from '../../model/sha256.js'
import { writeModelFile } from './model-file.js'
import type { RecordStorage } from '../records/record-storage.js'
import type { StoredModel } from './stored-model.js'

/** How often a model may be replaced while it is exported. */
const ATTEMPTS = 3

/**
 * Writes a stored model to one file. Each chunk is checked and becomes a blob of its own, which browsers keep outside of the page's
 * memory: there is never a whole copy of the model in it.
 *
 * @param storage - The records.
 * @param signal - Ends it between chunks.
 * @returns The file, of the format that docs/model-file.md describes.
 * @throws {EmbedderError} `model-not-found` if it is not stored whole, `integrity-mismatch` if a chunk is damaged,
 * `store-unavailable`; on an abort, the signal's reason.
 */
export async function exportModel(storage: RecordStorage, key: string, signal?: AbortSignal): Promise<Blob> {
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    const model = await storage.get('models', [key])
    if (model === undefined) throw notStored(key)
    const parts = await collectParts(storage, model, signal)
    if (parts instanceof Array) {
      const { head, tail } = await writeModelFile(model)
      return new Blob([head, ...parts, tail], { type: 'application/octet-stream' })
    }
    // Another tab may have stored a newer version meanwhile.
    const now = await storage.get('models', [key])
    if (attempt === ATTEMPTS || now?.generation === model.generation) throw damagedFile(key, parts.path)
  }
}

/** Blobs of all chunks, or the file of which one is wrong. */
async function collectParts(
  storage: RecordStorage,
  model: StoredModel,
  signal: AbortSignal | undefined,
): Promise<Blob[] | { readonly path: string }> {
  const parts: Blob[] = []
  for (const { path, chunkSha256 } of model.files) {
    for (const [index, sha256] of chunkSha256.entries()) {
      signal?.throwIfAborted()
      const chunk = await storage.get('chunks', [model.key, model.generation, path, index])
      if (chunk === undefined || (await sha256Hex(chunk)) !== sha256) return { path }
      parts.push(new Blob([chunk]))
    }
  }
  return parts
}

function notStored(key: string): EmbedderError {
  return new EmbedderError(
    'model-not-found',
    `Cannot export a model as it is not stored whole: current value is ${key}\nTake a key of modelCache.list() whose isComplete is true`,
    { details: { key } },
  )
}

function damagedFile(key: string, path: string): EmbedderError {
  return new EmbedderError(
    'integrity-mismatch',
    `Cannot export a model as ${path} is damaged in the store\nDelete it with modelCache.delete() and load it again`,
    { details: { key, path } },
  )
}
