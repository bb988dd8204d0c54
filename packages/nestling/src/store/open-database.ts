import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Verification } from '../wire/load-report.js'

/** What a certificate found on one adapter, browser, runtime and set of weights. */
export interface StoredVerdict {
  readonly isPassed: boolean
  readonly verification: Verification
}

/** Vectors that were made in float32 on WASM. */
export interface StoredReference {
  readonly dim: number
  /** `[texts, dim]`, row-major. */
  readonly vectors: Float32Array<ArrayBuffer>
}

/** Object stores of the database; further stores extend it. */
export interface NestlingSchema extends DBSchema {
  verdicts: { key: string; value: StoredVerdict }
  references: { key: string; value: StoredReference }
}

/** The database, open. */
export type NestlingDatabase = IDBPDatabase<NestlingSchema>

const NAME = 'nestling'

/** Raised with every change of the object stores; `upgrade` then brings older databases there step by step. */
const VERSION = 1

/**
 * Opens the one database of this library, the only place that does.
 *
 * It gives way to another tab that opens a later version: what is stored is a cache, and calls after that reject.
 *
 * @returns The database.
 * @throws {Error} If the browser has none here (private windows, blocked storage) or it is broken.
 */
export async function openDatabase(): Promise<NestlingDatabase> {
  return openDB<NestlingSchema>(NAME, VERSION, {
    upgrade(database, oldVersion) {
      if (oldVersion < 1) {
        database.createObjectStore('verdicts')
        database.createObjectStore('references')
      }
    },
    blocking(_current, _blocked, event) {
      ;(event.target as IDBDatabase).close()
    },
  })
}
