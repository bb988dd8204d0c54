import { join } from 'node:path'
import { cacheFolder } from '@nestling/kit/files/cache-folder.node'
import { FileStorage } from './file-storage.node.js'
import { MemoryStorage } from './memory-storage.js'
import type { OpenedStorage } from './opened-storage.js'

/** Raised when what lies in the folder changes; another version's folder is left alone. */
const FORMAT = 'records-1'

/** Opens the records of this machine; where its folder cannot be written, in memory. */
export async function openStorage(): Promise<OpenedStorage> {
  try {
    return { storage: await FileStorage.open(join(cacheFolder(), FORMAT)), reason: undefined }
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    return { storage: new MemoryStorage(), reason: `the cache folder cannot be used: ${said ?? ''}` }
  }
}
