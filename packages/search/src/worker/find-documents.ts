import type { RowQuery, ScoredRow } from '../score/row-query.js'
import { scoreRows, searchRows } from '../score/search-rows.js'
import type { IndexContents } from './index-contents.js'

/** A document by its place, its score and the row that it was found by. */
export interface ScoredPlace extends ScoredRow {
  readonly place: number
}

/** Rows of one document that are expected among the best: more are looked for until there are enough documents. */
const ROWS_OF_DOCUMENT = 4

/**
 * Finds the documents whose best row scores highest.
 *
 * @param contents - The index.
 * @param query - What to look for.
 * @returns At most `count`, the best first.
 */
export function findDocuments(
  contents: IndexContents,
  query: Omit<RowQuery, 'owners' | 'similarity'>,
  count: number,
): ScoredPlace[] {
  const { rows, documents, identity } = contents
  const full: RowQuery = { ...query, owners: documents.owners, similarity: identity.similarity }
  const hasParts = rows.count > documents.count
  for (let wanted = hasParts ? count * ROWS_OF_DOCUMENT : count; ; wanted *= 4) {
    const found = searchRows(rows, full, wanted)
    const best = new Map<number, ScoredPlace>()
    for (const scored of found) {
      const place = documents.owners[scored.row] as number
      if (!best.has(place)) best.set(place, { ...scored, place })
    }
    if (best.size >= count || found.length < wanted || wanted >= rows.end) return [...best.values()].slice(0, count)
  }
}

/**
 * Finds the row of a document that fits a query best.
 *
 * @param contents - The index.
 * @returns The row and its score; `undefined` if the document has none.
 */
export function bestRow(contents: IndexContents, place: number, vector: Float32Array): ScoredRow | undefined {
  const { rows, documents, identity } = contents
  return scoreRows(rows, { vector, similarity: identity.similarity }, documents.rowsOf(place))[0]
}
