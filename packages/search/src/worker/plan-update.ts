import { pickDocuments } from '../store/merge-segments.js'
import type { Segment } from '../store/stored-index.js'
import type { DocumentId } from '../wire/document-id.js'
import { isSameJson } from '../wire/json-data.js'
import type { CommitAnswer, Metadata } from '../wire/protocol.js'
import type { TableDocument } from '../documents/document-table.js'
import { UNKNOWN_DIGEST } from '../documents/encoding-digest.js'
import type { IndexContents } from './index-contents.js'

/** What an update shall be, and what is to be written for it. */
export interface UpdatePlan {
  readonly answer: CommitAnswer
  /** Nothing where nothing changes. */
  readonly segments: readonly Segment[]
}

/**
 * Tells whether a document has the vectors that it would be given again.
 *
 * @param kept - What the index has; `undefined` where it has none.
 * @param given - What it shall be.
 */
export function isEncodedAs(
  kept: TableDocument | undefined,
  given: Pick<TableDocument, 'text' | 'digest'>,
): kept is TableDocument {
  if (kept === undefined || kept.text !== given.text) return false
  // Without a text there was nothing to encode.
  return kept.text === null || [kept.digest, UNKNOWN_DIGEST].includes(given.digest) || kept.digest === UNKNOWN_DIGEST
}

/**
 * Compares an update with the index as it is.
 *
 * @param segments - Documents with their vectors.
 * @param encoded - Documents that had their vectors when they were compared.
 * @param contents - The index; `undefined` where it never had any documents.
 */
export function planUpdate(
  segments: readonly Segment[],
  encoded: readonly TableDocument[],
  contents: IndexContents | undefined,
): UpdatePlan {
  const find = (id: DocumentId): TableDocument | undefined => contents?.documents.find(id)
  const stale = encoded.filter((given) => !isEncodedAs(find(given.id), given)).map(({ id }) => id)
  if (stale.length > 0) return { answer: { added: 0, updated: 0, unchanged: 0, stale }, segments: [] }
  const described = encoded.filter(({ id, metadata }) => !isSameJson(find(id)?.metadata, metadata))
  const staged = segments.map((segment) => changedOf(segment, contents))
  const all = segments.reduce((sum, { ids }) => sum + ids.length, encoded.length)
  const ids = staged.flatMap((segment) => segment.ids)
  const updated = ids.filter((id) => find(id) !== undefined).length + described.length
  const added = ids.length + described.length - updated
  return {
    answer: { added, updated, unchanged: all - added - updated, stale },
    segments: [...staged.filter((segment) => segment.ids.length > 0), ...withMetadata(described, contents)],
  }
}

/** What a segment changes. */
function changedOf(segment: Segment, contents: IndexContents | undefined): Segment {
  if (contents === undefined) return segment
  const { ids, texts, metadata, rowCounts, digests } = segment
  let firstRow = 0
  const changed = [...ids.keys()].filter((index) => {
    const count = rowCounts[index] as number
    const row = firstRow
    firstRow += count
    const place = contents.documents.placeOf(ids[index] as DocumentId)
    if (place === undefined) return true
    const kept = contents.documents.at(place)
    const given = { text: texts[index] ?? null, digest: digests[index] as number }
    const isSame = isEncodedAs(kept, given) && isSameJson(kept.metadata, metadata[index] ?? null)
    return !isSame || !contents.hasRows(place, segment, row, count)
  })
  return changed.length === ids.length ? segment : pickDocuments(segment, changed, contents.identity)
}

/** Documents with the rows that they have and other metadata. */
function withMetadata(described: readonly TableDocument[], contents: IndexContents | undefined): Segment[] {
  if (contents === undefined) return []
  const metadataOf = new Map<DocumentId, Metadata | null>(described.map(({ id, metadata }) => [id, metadata]))
  const places = described.map(({ id }) => contents.documents.placeOf(id) as number)
  return Array.from(contents.segments(places), (segment) => {
    return { ...segment, metadata: segment.ids.map((id) => metadataOf.get(id) ?? null) }
  })
}
