import { checkKeys, checkSignal } from '@nestling/kit/options/check-options'
import { untilAborted } from '@nestling/kit/calls/until-aborted'
import { show } from '@nestling/kit/options/show'
import { readId, type DocumentId } from '../../wire/document-id.js'
import type { KeptDocument, ValueCounts } from '../../wire/protocol.js'
import type { AllowedDocuments } from './allowed-documents.js'
import type { HostLink } from '../host-link.js'
import { knownIds } from './known-ids.js'
import { resolveFilter } from './metadata-filter.js'
import { readPortions } from './read-portions.js'
import type { FacetOptions, StoredDocument } from '../search-index.js'

/** Documents that are asked for at once: the worker sends fewer where they are long. */
const READ_DOCUMENTS = 500

/** Reads documents that are in a worker. A page loads it with the first call that needs it. */
export class IndexReader<M extends object> {
  readonly #link: HostLink
  readonly #allowed: AllowedDocuments

  constructor(link: HostLink, allowed: AllowedDocuments) {
    this.#link = link
    this.#allowed = allowed
  }

  async get(id: DocumentId): Promise<StoredDocument<M> | undefined> {
    const [document] = await this.#link.call('read', [readId('get a document', 'id', id)])
    return document == null ? undefined : toStored(document)
  }

  async has(which: DocumentId | readonly DocumentId[]): Promise<boolean | readonly boolean[]> {
    const what = 'look for documents'
    const given: unknown = which
    const ids = Array.isArray(given)
      ? given.map((id, place) => readId(what, `ids[${place}]`, id))
      : [readId(what, 'id', given)]
    const known = await knownIds(this.#link, ids)
    const found = ids.map((id) => known.has(id))
    return Array.isArray(given) ? found : found[0] === true
  }

  async ids(): Promise<readonly DocumentId[]> {
    const portions = await readPortions((from) => this.#link.call('ids', from))
    return portions.flatMap(({ ids }) => ids.filter((id) => id !== null))
  }

  async *documents(): AsyncGenerator<StoredDocument<M>, void, undefined> {
    const ids = await this.ids()
    for (let start = 0; start < ids.length;) {
      const read = await this.#link.call('read', ids.slice(start, start + READ_DOCUMENTS))
      // One that went meanwhile is passed over.
      for (const document of read) if (document !== null) yield toStored(document)
      start += read.length
    }
  }

  async facets(
    names: readonly string[],
    options: FacetOptions<M> = {},
  ): Promise<Readonly<Record<string, ValueCounts>>> {
    const what = 'count values'
    checkKeys(what, options, { filter: true, signal: true })
    const { filter, signal } = options
    checkSignal(what, signal)
    const given: unknown = names
    if (!Array.isArray(given) || !Array.from(given as unknown[]).every((name) => typeof name === 'string')) {
      throw new TypeError(`Cannot ${what} as names must be a list of strings: current value is ${show(names)}`)
    }
    const own = [...names]
    const chosen = resolveFilter(what, filter)
    signal?.throwIfAborted()
    const counting = this.#allowed.choose(what, chosen, signal, (choice) => this.#link.call('facets', own, choice))
    const counts = await untilAborted(counting, signal)
    return Object.fromEntries(own.map((name, place) => [name, counts[place] as ValueCounts]))
  }
}

function toStored<M extends object>({ id, text, metadata }: KeptDocument): StoredDocument<M> {
  return { id, text: text ?? undefined, metadata: (metadata ?? undefined) as M | undefined }
}
