import 'fake-indexeddb/auto'
import { isEmbedderError } from 'nestling'
import { deleteDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import { DatabaseConnection } from './database-connection.js'
import { openDatabase } from './open-database.js'
import type { StoredHead } from './stored-index.js'

const SILENCE_MS = 1000

const HEAD: StoredHead = {
  dim: 2,
  precision: 'float32',
  similarity: 'cosine',
  space: null,
  format: 1,
  version: 1,
  base: 1,
  storedRows: 0,
}

let stop = (): void => undefined
afterEach(async () => {
  stop()
  await deleteDB('nestling-search')
})

/** A transaction that another tab never ends: it asks for something again and again, as one in an endless loop keeps its own. */
async function neverEnd(): Promise<void> {
  const database = await openDatabase()
  const transaction = database.transaction(['indexes', 'segments', 'keywords'], 'readwrite')
  transaction.done.catch(() => undefined)
  let isOver = false
  const again = async (): Promise<void> => {
    while (!isOver) await transaction.objectStore('indexes').get('any')
  }
  const running = again()
  running.catch(() => undefined)
  stop = () => {
    isOver = true
    database.close()
  }
}

function connect(): DatabaseConnection {
  return new DatabaseConnection(openDatabase, () => undefined, SILENCE_MS)
}

describe('a database that does not answer', () => {
  it('ends each call with a typed error, and a change that was given up is never made', async () => {
    const connection = connect()
    await connection.ready()
    await neverEnd()
    const read = connection.useAgain((database) => database.get('indexes', 'notes'))
    const written = connection.use(async (database, { signal }) => {
      const transaction = database.transaction('indexes', 'readwrite')
      transaction.done.catch(() => undefined)
      signal.addEventListener('abort', () => {
        transaction.abort()
      })
      await transaction.store.put(HEAD, 'notes')
      await transaction.done
    })
    for (const call of [read, written]) {
      const error: unknown = await call.catch((cause: unknown) => cause)
      expect(isEmbedderError(error, 'store-unavailable') && error.details).toEqual({ reason: 'timeout' })
    }
    stop()
    const later = new DatabaseConnection(openDatabase, () => undefined)
    expect(await later.useAgain((database) => database.get('indexes', 'notes'))).toBeUndefined()
    connection.close()
    later.close()
  })

  it('is waited for as long as it goes on', async () => {
    const connection = connect()
    const slow = connection.use(async (_, { heard }) => {
      for (let step = 0; step < 4; step++) {
        await new Promise((resolve) => setTimeout(resolve, SILENCE_MS / 2))
        heard()
      }
      return 'done'
    })
    expect(await slow).toBe('done')
    connection.close()
  })
})
