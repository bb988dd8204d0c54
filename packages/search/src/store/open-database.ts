import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { StoredHead, StoredKeywords, StoredSegment } from './stored-index.js'

/** `[index, version, part, rows]`. */
export type SegmentKey = [string, number, number, number]

/** Object stores of the database. */
export interface SearchSchema extends DBSchema {
  /** What each index is, by its name. */
  indexes: { key: string; value: StoredHead }
  /** What changed, in order. */
  segments: { key: SegmentKey; value: StoredSegment }
  /** The words of each index, by its name. */
  keywords: { key: string; value: StoredKeywords }
}

/** The database, open. */
export type SearchDatabase = IDBPDatabase<SearchSchema>

const NAME = 'nestling-search'

/** Raised with every change of the object stores. */
const VERSION = 1

/**
 * Opens the one database of all indexes, the only place that does. It gives way to a tab that opens a later version.
 *
 * @param onTerminated - Told when the browser closes it: it does when the user deletes the site's data.
 * @throws {Error} If the browser has none here (private windows, blocked storage) or it is broken.
 */
export async function openDatabase(onTerminated?: () => void): Promise<SearchDatabase> {
  return openDB<SearchSchema>(NAME, VERSION, {
    upgrade(database) {
      for (const name of ['indexes', 'segments', 'keywords'] as const) database.createObjectStore(name)
    },
    blocking(_current, _blocked, event) {
      ;(event.target as IDBDatabase).close()
    },
    terminated: () => onTerminated?.(),
  })
}
