import type { DocumentId } from '../../wire/document-id.js'
import type { HostLink } from '../host-link.js'

/** Ids of a question to the worker: about 1 ms. */
const ASKED_IDS = 5000

/** Finds those of some ids that are in an index, in their order. */
export async function knownIds(link: HostLink, ids: readonly DocumentId[]): Promise<ReadonlySet<DocumentId>> {
  const known = new Set<DocumentId>()
  for (let start = 0; start < ids.length; start += ASKED_IDS) {
    for (const id of await link.call('known', ids.slice(start, start + ASKED_IDS))) known.add(id)
  }
  return known
}
