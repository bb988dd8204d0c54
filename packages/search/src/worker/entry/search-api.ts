import { failure } from '../../wire/failure.js'
import { IDENTITY } from '../../wire/identity.js'
import type { RemoteSearchHost } from '../../wire/protocol.js'
import { compileKernels, whyNoKernels } from './kernel-bytes.js'
import { SearchHost } from '../search-host.js'

let host: SearchHost | undefined

/** Starts with the first call, whose answer can tell what is missing here. */
function started(): SearchHost {
  try {
    return (host ??= new SearchHost(compileKernels()))
  } catch (cause) {
    throw failure('environment-unsupported', `Cannot search as ${whyNoKernels()}`, { cause })
  }
}

/** What a worker offers to its page. */
export const searchApi: RemoteSearchHost = {
  hello: () => IDENTITY,
  hold: (lock) => started().hold(lock),
  open: (request) => started().open(request),
  adopt: (request) => started().adopt(request),
  stage: (change, portion) => started().stage(change, portion),
  compare: (change, documents) => started().compare(change, documents),
  commit: (change, isUpdate, onWait, count) => started().commit(change, isUpdate, onWait, count),
  discard: (change) => {
    started().discard(change)
  },
  known: (ids) => started().known(ids),
  remove: (work, which, onWait) => started().remove(work, which, onWait),
  clear: (work, onWait) => started().clear(work, onWait),
  search: (request) => started().search(request),
  metadata: (from) => started().metadata(from),
  ids: (from) => started().ids(from),
  read: (ids) => started().read(ids),
  facets: (names, choice) => started().facets(names, choice),
  state: () => started().state(),
  exportFile: () => started().exportFile(),
  importFile: (work, file, isMerge, onWait) => started().importFile(work, file, isMerge, onWait),
  mine: (work, request, onProgress) => started().mine(work, request, onProgress),
  cancel: (work) => {
    started().cancel(work)
  },
  dispose: () => started().dispose(),
}
