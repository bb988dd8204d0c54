import type { DocumentId } from '../wire/document-id.js'
import { arrayOf, valuesPerRow } from './row-array.js'
import type { IndexIdentity, Segment } from './stored-index.js'

type RowKind = Pick<IndexIdentity, 'dim' | 'precision'>

/** A document of one of the segments. */
interface Place {
  readonly segment: Segment
  readonly index: number
  readonly firstRow: number
}

/**
 * Makes one segment of several that follow each other, which changes an index as they do one after another.
 *
 * @param segments - Segments, the oldest first.
 * @param identity - What their rows are.
 */
export function mergeSegments(segments: readonly Segment[], identity: RowKind): Segment {
  const removed = new Set<DocumentId>()
  const kept = new Map<DocumentId, Place>()
  for (const segment of segments) {
    for (const id of segment.removed) {
      removed.add(id)
      kept.delete(id)
    }
    let firstRow = 0
    for (const [index, id] of segment.ids.entries()) {
      // An id that comes again takes the place of the old one, and the new place in the order.
      kept.delete(id)
      kept.set(id, { segment, index, firstRow })
      firstRow += segment.rowCounts[index] as number
    }
  }
  return gather([...removed], [...kept.values()], identity)
}

/**
 * Takes some documents of a segment.
 *
 * @param indices - Which, in order.
 * @param kind - What a row is.
 */
export function pickDocuments(segment: Segment, indices: readonly number[], kind: RowKind): Segment {
  let row = 0
  const firstRows = Array.from(segment.rowCounts, (count) => (row += count) - count)
  const places = indices.map((index): Place => ({ segment, index, firstRow: firstRows[index] as number }))
  return gather([], places, kind)
}

function gather(removed: DocumentId[], places: readonly Place[], { dim, precision }: RowKind): Segment {
  const countOf = ({ segment, index }: Place): number => segment.rowCounts[index] as number
  const rows = places.reduce((sum, place) => sum + countOf(place), 0)
  const width = valuesPerRow(precision, dim)
  const isScaled = precision !== 'float32'
  const spans = new Int32Array(2 * rows)
  const vectors = new (arrayOf(precision))(rows * width)
  const scales = new Float32Array(isScaled ? rows : 0)
  let row = 0
  for (const place of places) {
    const { segment, firstRow } = place
    const end = firstRow + countOf(place)
    spans.set(segment.spans.subarray(2 * firstRow, 2 * end), 2 * row)
    vectors.set(segment.vectors.subarray(firstRow * width, end * width), row * width)
    if (isScaled) scales.set(segment.scales.subarray(firstRow, end), row)
    row += end - firstRow
  }
  return {
    removed,
    ids: places.map(({ segment, index }) => segment.ids[index] as DocumentId),
    texts: places.map(({ segment, index }) => segment.texts[index] ?? null),
    metadata: places.map(({ segment, index }) => segment.metadata[index] ?? null),
    rowCounts: Int32Array.from(places, countOf),
    spans,
    vectors,
    scales,
    digests: Float64Array.from(places, ({ segment, index }) => segment.digests[index] as number),
  }
}
