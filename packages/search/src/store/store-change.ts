import type { IndexLock } from './index-lock.js'
import { mergeSegments } from './merge-segments.js'
import { checkSegment, type Segment, type StoredHead, type StoredKeywords, type StoredSegment } from './stored-index.js'

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

/** Keeps one index: a list of changes in order, and what the index is. */
export interface SegmentStore {
  /** Where it is. */
  readonly kind: 'indexeddb' | 'files'
  /** The right to change the index. */
  readonly lock: IndexLock

  /** Looks whether another one has changed it, and tells the listener. */
  noticeChanges(): Promise<void> | undefined

  /**
   * Reads what the index is.
   *
   * @returns It; `undefined` where nothing is stored.
   */
  head(): Promise<StoredHead | undefined>

  /**
   * Reads what changed since a version.
   *
   * @param version - What is known already.
   * @param start - Told what the index is, before the changes; from a base that is newer than what is known by then, all of them come. Where
   * the index changes meanwhile it may be told once more.
   * @param apply - Told every change; must not wait for anything.
   * @throws {EmbedderError} `index-corrupt`, `store-unavailable`.
   * @throws {ConnectionLost} If it has to be read from version 0 on.
   */
  read(version: number, start: (head: StoredHead | undefined) => void, apply: (segment: Segment) => void): Promise<void>

  /**
   * Writes a change, all of it or nothing, and tells others.
   *
   * @returns Whether it was written; `false` where another one was faster, and nothing was changed.
   * @throws {EmbedderError} `quota-exceeded`, `store-unavailable`; nothing was changed then.
   * @throws {ConnectionLost} If it is to be done again, for what the index is then.
   */
  commit(change: StoreChange): Promise<boolean>

  /**
   * Reads the words.
   *
   * @param version - Version of the index that they must be of.
   * @returns Their bytes; `undefined` where there are none of that version.
   */
  keywords(version: number): Promise<Uint8Array<ArrayBuffer> | undefined>

  /**
   * Writes the words.
   *
   * @param keywords - The words, and of which version of the index.
   */
  putKeywords(keywords: StoredKeywords): Promise<void>

  /** Closes it; calls after that reject. */
  close(): void
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
