import type { DocumentId } from '../wire/document-id.js'
import type { IdPortion, KeptDocument, MetadataPortion } from '../wire/protocol.js'
import type { DocumentTable } from './document-table.js'

/** Documents whose metadata go to the page in one message: it reads them in about 3 ms. */
const METADATA_COUNT = 1000

/** Ids of one message: about as much. */
const IDS_COUNT = 10_000

/** UTF-16 units of text after which a message is full: about 1 MB. */
const TEXT_LENGTH = 500_000

/** Gives ids from a place on; see `SearchHostApi`. */
export function idsFrom(documents: DocumentTable | undefined, from: number, version: number): IdPortion {
  const { total, kept } = placesFrom(documents, from, IDS_COUNT)
  return { version, ids: kept.map((document) => document?.id ?? null), total }
}

/** Gives metadata from a place on; see `SearchHostApi`. */
export function metadataFrom(documents: DocumentTable | undefined, from: number, version: number): MetadataPortion {
  const { total, kept } = placesFrom(documents, from, METADATA_COUNT)
  const ids = kept.map((document) => document?.id ?? null)
  return { version, ids, metadata: kept.map((document) => document?.metadata ?? null), total }
}

/** Gives the first of some documents; see `SearchHostApi`. */
export function readDocuments(
  documents: DocumentTable | undefined,
  ids: readonly DocumentId[],
): (KeptDocument | null)[] {
  const read: (KeptDocument | null)[] = []
  let length = 0
  for (const id of ids) {
    const document = documents?.find(id) ?? null
    read.push(document && { id, text: document.text, metadata: document.metadata })
    length += document?.text?.length ?? 0
    if (length >= TEXT_LENGTH) break
  }
  return read
}

function placesFrom(
  documents: DocumentTable | undefined,
  from: number,
  most: number,
): { readonly total: number; readonly kept: readonly (KeptDocument | undefined)[] } {
  const total = documents?.end ?? 0
  const count = Math.min(most, Math.max(0, total - from))
  return { total, kept: Array.from({ length: count }, (_, index) => documents?.at(from + index)) }
}
