import type { EmbeddingSpace } from 'nestling'
import type { IndexSimilarity } from '../wire/scoring.js'
import { failure } from '../wire/failure.js'
import type { DocumentId } from '../wire/document-id.js'
import { arrayOf, valuesPerRow, type RowArray } from './row-array.js'
import type { IndexPrecision, Metadata } from '../wire/protocol.js'

/** What an index is. */
export interface IndexIdentity {
  readonly dim: number
  readonly precision: IndexPrecision
  readonly similarity: IndexSimilarity
  /** `null` where nobody said. */
  readonly space: EmbeddingSpace | null
}

/** What is stored of an index beside its segments. */
export interface StoredHead extends IndexIdentity {
  readonly format: 1
  /** Number of the last change. */
  readonly version: number
  /** Changes up to this one were rewritten together: who is older reads all again. */
  readonly base: number
  /** Rows of all segments, those of documents that are gone included. */
  readonly storedRows: number
}

/** The words of an index. */
export interface StoredKeywords {
  readonly version: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** One change: documents that went, then documents that came. To apply it twice does no harm. */
export interface Segment {
  readonly removed: readonly DocumentId[]
  readonly ids: readonly DocumentId[]
  readonly texts: readonly (string | null)[]
  readonly metadata: readonly (Metadata | null)[]
  /** Rows of each document. */
  readonly rowCounts: Int32Array<ArrayBuffer>
  /** Start and end in its text of each row. */
  readonly spans: Int32Array<ArrayBuffer>
  /** Rows as their precision has them. */
  readonly vectors: RowArray
  /** Scales of their levels; empty for float32. */
  readonly scales: Float32Array<ArrayBuffer>
  /** A number for how each document was encoded, beside its text; 0 where nobody knows. */
  readonly digests: Float64Array<ArrayBuffer>
}

/** A segment in the database; earlier versions of this library wrote no digests. */
export type StoredSegment = Omit<Segment, 'digests'> & Partial<Pick<Segment, 'digests'>>

/** Rows of a segment: small enough for one record. */
export const SEGMENT_ROWS = 1024

/**
 * Makes sure that the parts of a segment belong together.
 *
 * @param segment - Anything that was read.
 * @param identity - What the index is.
 * @throws {EmbedderError} `index-corrupt` if they do not.
 */
export function checkSegment(segment: StoredSegment | undefined, { dim, precision }: IndexIdentity): Segment {
  if (segment !== undefined) {
    const { ids, texts, metadata, rowCounts, spans, vectors, scales } = segment
    const { digests = new Float64Array(ids.length) } = segment
    const rows = rowCounts.reduce((sum, count) => sum + count, 0)
    const isWhole =
      [texts.length, metadata.length, rowCounts.length, digests.length].every((length) => length === ids.length) &&
      rowCounts.every((count) => count >= 0) &&
      spans.length === 2 * rows &&
      vectors.length === rows * valuesPerRow(precision, dim) &&
      vectors instanceof arrayOf(precision) &&
      scales.length === (precision === 'float32' ? 0 : rows)
    if (isWhole) return { ...segment, digests }
  }
  throw corrupt('a part of it is missing or of another length')
}

/**
 * Makes the error of an index that cannot be read.
 *
 * @param reason - What is wrong with it.
 * @param cause - What was thrown.
 * @returns The error, to be thrown.
 */
export function corrupt(reason: string, cause?: unknown): Error {
  return failure(
    'index-corrupt',
    `Cannot read the index as ${reason}\nTake another copy of the file, or clear() the index and add its documents again`,
    { cause, details: { reason } },
  )
}

/**
 * Refuses what a later version of this library wrote.
 *
 * @param head - What is stored.
 * @throws {EmbedderError} `index-corrupt` if its format is not known here.
 */
export function checkFormat(head: StoredHead | undefined): void {
  const format: number | undefined = head?.format
  if (format !== undefined && format !== 1) throw corrupt(`its format ${format} is newer than this library knows`)
}
