import type { Embeddings, EmbeddingSpace } from 'nestling'
import { nextTask } from '../mining/next-task.js'
import { show } from '../options/check-options.js'
import type { DocumentPortion, Metadata } from '../wire/protocol.js'
import type { AddOptions, IndexDocument, QueryVector } from './search-index.js'

/** Documents of a portion that bring their vectors, by bytes: copying as much takes about 1 ms. */
const PORTION_BYTES = 4 * 2 ** 20

/** Documents that are looked at without a pause: about 1 ms. */
export const CHECKED_DOCUMENTS = 5000

/** Most of them, by number. */
const PORTION_DOCUMENTS = 1000

/** A vector with what it may be compared with. */
export interface KnownVector {
  readonly data: Float32Array
  readonly space: EmbeddingSpace | undefined
}

/**
 * Reads a vector.
 *
 * @param what - The call, for the message.
 * @param vector - What the caller gave.
 * @returns Its numbers and, where it says so, its space.
 * @throws {TypeError} If it is no vector of float32.
 */
export function readVector(what: string, vector: QueryVector): KnownVector {
  const given: unknown = vector
  if (given instanceof Float32Array && given.length > 0) return { data: given, space: undefined }
  const { data, space, shape } = (typeof given === 'object' && given !== null ? given : {}) as Partial<Embeddings>
  if (data instanceof Float32Array && data.length > 0 && shape?.at(-1) === data.length)
    return { data, space: spaceOf(space) }
  throw new TypeError(
    `Cannot ${what} as a vector must be a Float32Array or float32 embeddings of one text: current value is ${show(given)}`,
  )
}

/** Copies a space: that of embeddings in a framework's state is a proxy, which cannot be cloned. */
function spaceOf(space: EmbeddingSpace | undefined): EmbeddingSpace | undefined {
  return space === undefined ? undefined : { id: space.id, model: space.model }
}

/** Documents with a vector each. */
export interface ReadyDocuments<M extends Metadata> {
  readonly documents: readonly IndexDocument<M>[]
  readonly vectorOf: (index: number) => KnownVector
  readonly dim: number
}

/**
 * Finds the vectors of documents that bring them.
 *
 * @param documents - Documents, at least one.
 * @param embeddings - Vectors of all; those of the documents themselves where it is left out.
 * @returns Documents with vectors; `undefined` if they are to be encoded.
 * @throws {TypeError} If only some have a vector, or one is none.
 * @throws {RangeError} If vectors and documents are not as many.
 */
export function readyDocuments<M extends Metadata>(
  documents: readonly IndexDocument<M>[],
  embeddings: AddOptions['embeddings'],
): ReadyDocuments<M> | undefined {
  if (embeddings !== undefined) return rowsOfMatrix(documents, embeddings)
  const count = documents.filter(({ embedding }) => embedding !== undefined).length
  if (count === 0) return undefined
  if (count < documents.length) {
    throw new TypeError(
      `Cannot add documents as all or none must have an embedding: current number is ${count} of ${documents.length}`,
    )
  }
  const vectorOf = (index: number): KnownVector =>
    readVector('add documents', documents[index]?.embedding as QueryVector)
  return { documents, vectorOf, dim: vectorOf(0).data.length }
}

function rowsOfMatrix<M extends Metadata>(
  documents: readonly IndexDocument<M>[],
  embeddings: Embeddings | Float32Array,
): ReadyDocuments<M> {
  const given: unknown = embeddings
  const isPlain = given instanceof Float32Array
  const { data, space: givenSpace } = isPlain ? { data: given, space: undefined } : (embeddings as Embeddings)
  const space = spaceOf(givenSpace)
  if (!(data instanceof Float32Array)) {
    throw new TypeError(
      `Cannot add documents as embeddings must be a Float32Array or float32 embeddings: current value is ${show(given)}`,
    )
  }
  const dim = isPlain ? data.length / documents.length : (embeddings as Embeddings).dim
  if (!Number.isInteger(dim) || dim < 1 || data.length !== dim * documents.length) {
    throw new RangeError(
      `Cannot add documents as embeddings must have a row for each of ${documents.length}: current length is ${data.length}`,
    )
  }
  return { documents, dim, vectorOf: (index) => ({ data: data.subarray(index * dim, (index + 1) * dim), space }) }
}

/**
 * Cuts ready documents into portions.
 *
 * @param ready - Documents with vectors.
 * @returns Portions, in order; their arrays are new.
 * @throws {RangeError} If the vectors are not equally long.
 */
export function* readyPortions<M extends Metadata>(
  ready: ReadyDocuments<M>,
): Generator<DocumentPortion, void, undefined> {
  const { documents, vectorOf, dim } = ready
  const size = Math.max(1, Math.min(PORTION_DOCUMENTS, Math.floor(PORTION_BYTES / (4 * dim))))
  for (let start = 0; start < documents.length; start += size) {
    const some = documents.slice(start, start + size)
    const vectors = new Float32Array(some.length * dim)
    const spans = new Int32Array(2 * some.length)
    let space: EmbeddingSpace | undefined
    for (const [index, { text = '' }] of some.entries()) {
      const vector = vectorOf(start + index)
      if (vector.data.length !== dim) {
        throw new RangeError(
          `Cannot add documents as vectors must be equally long, ${dim}: current value is ${vector.data.length}`,
        )
      }
      space ??= vector.space
      vectors.set(vector.data, index * dim)
      spans[2 * index + 1] = text.length
    }
    yield { ...describe(some), rowCounts: new Int32Array(some.length).fill(1), spans, vectors, dim, space }
  }
}

/**
 * Gives what a portion says of its documents beside their vectors.
 *
 * @param documents - Documents.
 * @returns Ids, texts and metadata.
 */
export function describe<M extends Metadata>(
  documents: readonly IndexDocument<M>[],
): Pick<DocumentPortion, 'ids' | 'texts' | 'metadata'> {
  return {
    ids: documents.map(({ id }) => id),
    texts: documents.map(({ text }) => text ?? null),
    metadata: documents.map(({ metadata }) => metadata ?? null),
  }
}

/**
 * Makes sure that documents are well formed, in slices: there may be a hundred thousand.
 *
 * @param documents - What the caller gave.
 * @returns When all were looked at.
 * @throws {TypeError} If they are no list, or an id, a text or metadata has the wrong type.
 * @throws {RangeError} If an id comes twice.
 */
export async function checkDocuments(documents: readonly IndexDocument[]): Promise<void> {
  const refuse = (rule: string, value: unknown): never => {
    throw new TypeError(`Cannot add documents as ${rule}: current value is ${show(value)}`)
  }
  if (!Array.isArray(documents)) refuse('they must be a list', documents)
  const ids = new Set<unknown>()
  for (const [index, document] of documents.entries()) {
    if (index % CHECKED_DOCUMENTS === CHECKED_DOCUMENTS - 1) await nextTask()
    const given: unknown = document
    if (typeof given !== 'object' || given === null) refuse('each must be an object', given)
    const { id, text, metadata } = given as Record<string, unknown>
    if (typeof id !== 'string' && !Number.isFinite(id)) refuse('an id must be a string or a number', id)
    if (text !== undefined && typeof text !== 'string') refuse('text must be a string', text)
    if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))) {
      refuse('metadata must be an object', metadata)
    }
    if (ids.has(id)) {
      throw new RangeError(`Cannot add documents as ids must be unique: current value is ${JSON.stringify(id)} twice`)
    }
    ids.add(id)
  }
}
