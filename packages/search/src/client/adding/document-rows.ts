import { EmbedderError, type Embeddings, type EmbeddingSpace } from 'nestling'
import { show } from '@nestling/kit/options/show'
import type { DocumentPortion, GivenDocuments, Metadata } from '../../wire/protocol.js'
import type { AddOptions, IndexDocument, QueryVector } from '../search-index.js'

/** Documents of a portion that bring their vectors, by bytes: copying as much takes about 1 ms. */
const PORTION_BYTES = 4 * 2 ** 20

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
  if (data instanceof Float32Array && data.length > 0 && shape?.at(-1) === data.length) {
    return { data, space: readSpace(space) }
  }
  throw new TypeError(
    `Cannot ${what} as a vector must be a Float32Array or float32 embeddings of one text: current value is ${show(given)}\nMake one of plain numbers with Float32Array.from(numbers)`,
  )
}

/** Plain data in any case, as it goes to the worker: embeddings may lie in a reactive proxy. Without an id nobody said. */
function readSpace(space: EmbeddingSpace | undefined): EmbeddingSpace | undefined {
  return space === undefined || space.id === '' ? undefined : { id: space.id, model: space.model }
}

/** Documents with a vector each. */
export interface ReadyDocuments<M extends object> {
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
export function readyDocuments<M extends object>(
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

function rowsOfMatrix<M extends object>(
  documents: readonly IndexDocument<M>[],
  embeddings: Embeddings | Float32Array,
): ReadyDocuments<M> {
  const given: unknown = embeddings
  const isPlain = given instanceof Float32Array
  const own = (typeof given === 'object' && given !== null ? given : {}) as Partial<Embeddings>
  const data = isPlain ? given : own.data
  if (!(data instanceof Float32Array)) {
    throw new TypeError(
      `Cannot add documents as embeddings must be a Float32Array or float32 embeddings: current value is ${show(given)}\nMake embeddings of plain rows with Embeddings.from(rows)`,
    )
  }
  const space = isPlain ? undefined : readSpace(own.space)
  const dim = isPlain ? data.length / documents.length : (own.dim ?? 0)
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
export function* readyPortions<M extends object>(
  ready: ReadyDocuments<M>,
): Generator<DocumentPortion, void, undefined> {
  const { documents, vectorOf, dim } = ready
  const size = Math.max(1, Math.min(PORTION_DOCUMENTS, Math.floor(PORTION_BYTES / (4 * dim))))
  for (let start = 0; start < documents.length; start += size) {
    const some = documents.slice(start, start + size)
    const vectors = new Float32Array(some.length * dim)
    const spans = new Int32Array(2 * some.length)
    const brought = some.map(() => '')
    let space: EmbeddingSpace | undefined
    for (const [index, { text = '' }] of some.entries()) {
      const vector = vectorOf(start + index)
      if (vector.data.length !== dim) {
        throw new RangeError(
          `Cannot add documents as vectors must be equally long, ${dim}: current value is ${vector.data.length}`,
        )
      }
      checkOneSpace(space, vector.space)
      space ??= vector.space
      vectors.set(vector.data, index * dim)
      spans[2 * index + 1] = text.length
    }
    yield {
      ...describe(some, brought),
      rowCounts: new Int32Array(some.length).fill(1),
      spans,
      vectors,
      dim,
      space,
    }
  }
}

/** A portion names one space: what is of another would be taken for it. */
function checkOneSpace(space: EmbeddingSpace | undefined, other: EmbeddingSpace | undefined): void {
  if (space === undefined || other === undefined || space.id === other.id) return
  throw new EmbedderError(
    'space-mismatch',
    `Cannot add documents as their vectors must come from the same model: current models are ${space.model} and ${other.model}\nEncode all documents with one model`,
    { details: { index: space.id, vectors: other.id } },
  )
}

/**
 * Gives what a portion says of its documents beside their vectors.
 *
 * @param encodings - How their vectors come from their texts; empty where the caller brought them, `undefined` where nobody knows.
 */
export function describe<M extends object>(
  documents: readonly IndexDocument<M>[],
  encodings: readonly string[] | undefined,
): GivenDocuments {
  return {
    ids: documents.map(({ id }) => id),
    texts: documents.map(({ text }) => text ?? null),
    metadata: documents.map(({ metadata }) => (metadata as Metadata | undefined) ?? null),
    encodings,
  }
}
