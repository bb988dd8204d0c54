import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '@nestling/kit/files/cache-folder.node'
import { folderPath } from '@nestling/kit/records/record-paths.node'

/** Raised when what lies in the folder changes; that of another version is left alone, as is all else that a user has there. */
const FORMAT = 'nestling-search-1'

/**
 * Finds the folder of an index.
 *
 * @param store - A path that is absolute or begins with `./` or `../`, a `file:` URL, or else a name in the cache folder.
 * @returns Its absolute path; it may not be there yet.
 * @throws {TypeError} If it is a `file:` URL that no path can be made of.
 */
export function indexFolder(store: string): string {
  if (store.startsWith('file:')) return join(fileURLToPath(store), FORMAT)
  if (isAbsolute(store) || /^\.{1,2}([\\/]|$)/.test(store)) return join(resolve(store), FORMAT)
  return join(cacheFolder(), 'indexes', folderPath([store]), FORMAT)
}
