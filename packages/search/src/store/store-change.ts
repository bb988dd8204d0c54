import { mergeSegments } from './merge-segments.js'
import { checkSegment, type Segment, type StoredHead, type StoredSegment } from './stored-index.js'

/** Segments that are read at a time: about 12 MB. */
export const READ_COUNT = 8

/** Segments with fewer rows are merged when there are as many as this in a row. */
const SMALL_ROWS = 512
const MERGED_COUNT = 16

/** A change of what is stored. */
export interface StoreChange {
  /** Version that the change was made for; 0 where nothing is stored. */
  readonly expected: number
  readonly head: StoredHead
  readonly segments: Iterable<Segment>
  /** Whether all older segments go. */
  readonly isRewrite: boolean
}

/** Told of what happens to a stored index. */
export interface StoreListener {
  /** Another tab or process has changed it. */
  readonly onChange: () => void
  /** What was known of it may be gone, or be another index of that name: the browser had closed the database, or the folder was deleted. */
  readonly onLost: () => void
}

/**
 * Finds what is to be merged.
 *
 * @param segments - All segments in their order.
 * @param rowsOf - Gives the rows of one.
 * @returns The last ones, where they are small and many; else none.
 */
export function segmentsToMerge<T>(segments: readonly T[], rowsOf: (segment: T) => number): readonly T[] {
  const last = segments.findLastIndex((segment) => rowsOf(segment) >= SMALL_ROWS)
  const small = segments.slice(last + 1)
  return small.length < MERGED_COUNT ? [] : small
}

/**
 * Makes one segment of several, as they were read.
 *
 * @returns It, and its rows.
 * @throws {EmbedderError} `index-corrupt` if one of them is not whole.
 */
export function mergeStored(
  segments: readonly (StoredSegment | undefined)[],
  head: StoredHead,
): { readonly merged: Segment; readonly rows: number } {
  const whole = segments.map((segment) => checkSegment(segment, head))
  const merged = mergeSegments(whole, head)
  return { merged, rows: countRows(merged) }
}

/** Counts the rows of a segment. */
export function countRows({ rowCounts }: Segment): number {
  return rowCounts.reduce((sum, count) => sum + count, 0)
}
