import { RowScan } from '../score/row-scan.js'
import type { IndexContents } from './index-contents.js'

/** Documents that are looked at: as many tell where the farthest is within some hundredths, in about a millisecond. */
const SAMPLE = 1000

/**
 * Finds how near the farthest document is, by its best passage: what similarities are stretched from. In an index of more than
 * {@link SAMPLE} documents, it is that of so many of them, spread evenly.
 *
 * @param allowed - 1 for documents that may be found; all where it is left out.
 * @returns The similarity; `undefined` where no document has a vector.
 */
export function lowestSimilarity(
  contents: IndexContents,
  vector: Float32Array,
  allowed: Uint8Array | undefined,
): number | undefined {
  const { rows, documents, identity } = contents
  const places: number[] = []
  for (let place = 0; place < documents.end; place++) {
    if (documents.at(place) !== undefined && (allowed === undefined || allowed[place] === 1)) places.push(place)
  }
  const step = Math.max(1, places.length / SAMPLE)
  const sample: Int32Array[] = []
  for (let at = 0; at < places.length; at += step) sample.push(documents.rowsOf(places[Math.floor(at)] as number))
  const all = new Int32Array(sample.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  for (const own of sample) {
    all.set(own, end)
    end += own.length
  }
  const { similarity } = identity
  const scan = new RowScan(rows, { vector, similarity, scoring: 'exact', owners: documents.owners, allowed: undefined })
  const scores = scan.similarities(all)
  let lowest: number | undefined
  let start = 0
  for (const { length } of sample) {
    if (length > 0) {
      let best = -Infinity
      for (let row = start; row < start + length; row++) best = Math.max(best, scores[row] as number)
      lowest = Math.min(lowest ?? Infinity, best)
    }
    start += length
  }
  return lowest
}
