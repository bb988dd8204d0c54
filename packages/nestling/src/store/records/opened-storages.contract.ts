import { afterEach } from 'vitest'
import type { RecordStorage } from './record-storage.js'

/** Makes what opens the storages of a suite: after each test all of them are closed, and their records deleted. */
export function openedStorages(
  open: () => Promise<RecordStorage>,
  wipe: () => Promise<unknown>,
): () => Promise<RecordStorage> {
  const opened: RecordStorage[] = []
  afterEach(async () => {
    for (const storage of opened.splice(0)) storage.close()
    await wipe()
  })
  return async () => {
    const storage = await open()
    opened.push(storage)
    return storage
  }
}
