import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { NestlingSchema } from './database-schema.js'

interface IdbSchema extends NestlingSchema, DBSchema {}

/** The database, open. */
export type NestlingDatabase = IDBPDatabase<IdbSchema>

const NAME = 'nestling'

/** Raised with every change of the object stores; `upgrade` then brings older databases there step by step. */
const VERSION = 2

/**
 * Opens the one database of this library, the only place that does.
 *
 * It gives way to another tab that opens a later version: what is stored is a cache, and calls after that reject.
 *
 * @throws {Error} If the browser has none here (private windows, blocked storage) or it is broken.
 */
export async function openDatabase(): Promise<NestlingDatabase> {
  return openDB<IdbSchema>(NAME, VERSION, {
    upgrade(database, oldVersion) {
      if (oldVersion < 1) {
        database.createObjectStore('verdicts')
        database.createObjectStore('references')
      }
      if (oldVersion < 2) {
        for (const name of ['models', 'downloads', 'chunks', 'partitions', 'blocks', 'vectors', 'uses'] as const) {
          database.createObjectStore(name)
        }
      }
    },
    blocking(_current, _blocked, event) {
      ;(event.target as IDBDatabase).close()
    },
  })
}
