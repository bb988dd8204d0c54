import type { ModelLocation } from '../../wire/protocol.js'
import type { DownloadProgress } from '../download/download-progress.js'
import { BlobSource } from './blob-source.js'
import { DirectorySource } from './directory-source.js'
import type { FileSource } from './file-source.js'
import type { KeptFiles } from './kept-files.js'
import { ListedSource } from './listed-source.js'
import { StoredSource } from './stored-source.js'
import { hubFile, UrlSource, urlFile } from './url-source.js'

/**
 * Makes what reads the files at a location; nothing is read yet.
 *
 * @param location - Where the folder is.
 * @param progress - Told about bytes that arrive.
 * @param store - Keeps files that come over a network.
 */
export function openSource(location: ModelLocation, progress: DownloadProgress, store?: KeptFiles): FileSource {
  const source = openOrigin(location, progress)
  return store === undefined ? source : new StoredSource(source, store, progress)
}

function openOrigin(location: ModelLocation, progress: DownloadProgress): FileSource {
  switch (location.kind) {
    case 'listed':
      return new ListedSource(location.name, location.files, progress)
    case 'url':
      return new UrlSource((path) => urlFile(location.baseUrl, path), progress)
    case 'hub':
      return new UrlSource((path) => hubFile(location, path), progress)
    case 'blobs':
      return new BlobSource(location.name, location.blobs, progress)
    case 'directory':
      return new DirectorySource(location.handle, progress)
  }
}
