import { within } from '@nestling/kit/calls/within'
import { IdbStorage } from './idb-storage.js'
import { MemoryStorage } from './memory-storage.js'
import { openDatabase, type NestlingDatabase } from './open-database.js'
import type { OpenedStorage } from './opened-storage.js'

/** A database opens in milliseconds; one that waits for another tab to give way may never. */
const LIMIT_MS = 5000

/**
 * Opens the records of this origin; where the browser has no database for them, in memory.
 *
 * @param open - Opens the database.
 * @param limitMs - How long that may take.
 * @returns The storage. Never rejects.
 */
export async function openStorage(
  open: () => Promise<NestlingDatabase> = openDatabase,
  limitMs: number = LIMIT_MS,
): Promise<OpenedStorage> {
  const opening = open()
  try {
    const database = await within(opening, limitMs)
    if (database !== undefined) return { storage: new IdbStorage(database, undefined, open), reason: undefined }
  } catch (error) {
    const reason = `the browser has no storage here: ${error instanceof Error ? `${error.name} ${error.message}` : String(error)}`
    return { storage: new MemoryStorage(), reason }
  }
  // One that opens after all would keep other tabs from upgrading it.
  opening.then(
    (database) => {
      database.close()
    },
    () => undefined,
  )
  return { storage: new MemoryStorage(), reason: `the browser did not open its storage in ${limitMs / 1000} s` }
}
