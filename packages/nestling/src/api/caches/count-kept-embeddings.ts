import {
  clearEmbeddings,
  embeddingContents,
  verifyEmbeddings,
  type EmbeddingCheck,
  type EmbeddingContents,
} from '../../store/embeddings/embedding-contents.js'
import { openStorage } from '../../store/records/open-storage.js'
import type { RecordStorage } from '../../store/records/record-storage.js'

/**
 * Counts the embeddings that are kept.
 *
 * @returns Vectors and bytes, by model; none where storage is blocked.
 * @throws {EmbedderError} `store-unavailable`
 */
export function keptEmbeddings(): Promise<EmbeddingContents> {
  return withStorage(embeddingContents)
}

/**
 * Checks the embeddings that are kept, and deletes what is damaged.
 *
 * @returns How many were whole, and how many deleted.
 * @throws {EmbedderError} `store-unavailable`
 */
export function verifyKeptEmbeddings(): Promise<EmbeddingCheck> {
  return withStorage(verifyEmbeddings)
}

/**
 * Deletes embeddings that are kept.
 *
 * @param space - Those of one model; all where it is `undefined`.
 * @returns When they are gone.
 * @throws {EmbedderError} `store-unavailable`
 */
export function clearKeptEmbeddings(space: string | undefined): Promise<void> {
  return withStorage((storage) => clearEmbeddings(storage, space))
}

async function withStorage<T>(work: (storage: RecordStorage) => Promise<T>): Promise<T> {
  const { storage } = await openStorage()
  try {
    return await work(storage)
  } finally {
    storage.close()
  }
}
