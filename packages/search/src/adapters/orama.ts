import type { FloatRows } from '@nestling/kit/math/float-rows'
import { checkRows } from '../mining/check-float-rows.js'
import { checkKeys, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'

/** Options of {@link oramaVectorQuery}. */
export interface OramaQueryOptions {
  /**
   * Property of the schema that has the vectors.
   *
   * @defaultValue 'embedding'
   */
  readonly property?: string | undefined
  /**
   * Most documents to find.
   *
   * @defaultValue 10
   */
  readonly topK?: number | undefined
  /**
   * Lowest cosine. Orama's own default is 0.8, above nearly all pairs of a query and its answer.
   *
   * @defaultValue -1, which is every document
   */
  readonly minScore?: number | undefined
}

/** What Orama's `search` takes to compare vectors. */
export interface OramaVectorQuery {
  readonly mode: 'vector'
  readonly vector: { readonly value: number[]; readonly property: string }
  readonly similarity: number
  readonly limit: number
}

const WHAT = 'search in Orama'

const KNOWN_KEYS: KnownKeys<OramaQueryOptions> = { property: true, topK: true, minScore: true }

/** Orama compares `cosine >= similarity`, and rounding can give less than -1. */
const EVERYTHING = -1.01

/**
 * Puts embeddings into documents for Orama's `insertMultiple`. The schema has them as `` embedding: `vector[${dim}]` ``.
 *
 * @param documents - Documents, with an `id` where it should be known later.
 * @param embeddings - A row for each: what `encodeDocument` gave.
 * @param property - Property of the schema.
 * @returns Copies of the documents with their vectors.
 * @throws {TypeError} If the embeddings are not float32.
 * @throws {RangeError} If there are not as many rows as documents.
 * @see {@link https://docs.orama.com/docs/orama-js/search/vector-search | Vector search in Orama}
 */
export function toOramaDocuments<T extends object, P extends string = 'embedding'>(
  documents: readonly T[],
  embeddings: FloatRows,
  property: P = 'embedding' as P,
): (T & Record<P, number[]>)[] {
  checkRows('put embeddings into documents', 'embeddings', embeddings)
  if (documents.length !== embeddings.count) {
    throw new RangeError(
      `Cannot put embeddings into documents as there must be ${documents.length} rows: current number is ${embeddings.count}`,
    )
  }
  return documents.map((document, row) => {
    return { ...document, [property]: rowOf(embeddings, row) } as T & Record<P, number[]>
  })
}

/**
 * Makes what Orama's `search` takes to find the documents that are nearest to a query. Add `where` or `mode: 'hybrid'` and `term` to it.
 *
 * @param query - One row: what `encodeQuery` gave for a text.
 * @param options - How many documents, how near, and where the vectors are.
 * @returns The parameters.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If there is not one query or `topK` is not a positive integer.
 */
export function oramaVectorQuery(query: FloatRows, options: OramaQueryOptions = {}): OramaVectorQuery {
  checkKeys(WHAT, options, KNOWN_KEYS)
  checkRows(WHAT, 'query', query)
  if (query.count !== 1)
    throw new RangeError(`Cannot ${WHAT} as query must be one row: current number is ${query.count}`)
  const { property = 'embedding', minScore = EVERYTHING } = options
  if (typeof minScore !== 'number' || Number.isNaN(minScore)) {
    throw new TypeError(`Cannot ${WHAT} as minScore must be a number: current value is ${show(minScore)}`)
  }
  const limit = checkPositiveInteger(WHAT, 'topK', options.topK) ?? 10
  return { mode: 'vector', vector: { value: rowOf(query, 0), property }, similarity: minScore, limit }
}

function rowOf({ data, dim }: FloatRows, row: number): number[] {
  return Array.from(data.subarray(row * dim, (row + 1) * dim))
}
