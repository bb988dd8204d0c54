import { RowScan } from '../score/row-scan.js'
import { bestRow } from './find-documents.js'
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
  const { similarity } = identity
  const sample = samplePlaces(contents, allowed).map((place) => ({ place, own: documents.rowsOf(place) }))
  const all = Int32Array.from(sample.flatMap(({ own }) => [...own]))
  const scan = new RowScan(rows, { vector, similarity, scoring: 'exact', owners: documents.owners, allowed: undefined })
  const scores = scan.scoresOf(all)
  let lowest = Infinity
  let farthest: number | undefined
  let start = 0
  for (const { place, own } of sample) {
    const best = scores.subarray(start, (start += own.length)).reduce((most, score) => Math.max(most, score), -Infinity)
    if (own.length === 0 || best >= lowest) continue
    lowest = best
    farthest = place
  }
  return farthest === undefined ? undefined : bestRow(contents, farthest, vector)?.score
}

function samplePlaces({ documents }: IndexContents, allowed: Uint8Array | undefined): readonly number[] {
  const places: number[] = []
  for (let place = 0; place < documents.end; place++) {
    if (documents.at(place) !== undefined && (allowed === undefined || allowed[place] === 1)) places.push(place)
  }
  const count = Math.min(SAMPLE, places.length)
  return Array.from({ length: count }, (_, index) => places[Math.floor((index * places.length) / count)] as number)
}
