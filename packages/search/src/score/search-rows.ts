import { MIN_NORM, normOf } from '@nestling/kit/math/norm'
import type { TopScores } from '@nestling/kit/math/top-scores'
import type { Scoring } from '../wire/scoring.js'
import { HEAD_DIM } from './row-layout.js'
import type { RowMemory } from './row-memory.js'
import type { RowQuery, ScoredRow } from './row-query.js'
import { RowScan } from './row-scan.js'

/** Rows beyond those asked for whose final score is computed. */
const SPARE_ROWS = 16

/**
 * Shortlists, as multiples of the rows asked for and at least a share of all rows. Measured on 100,000 mixtures of sentence vectors
 * (`recall.browser.test.ts`): twice as many find nothing more.
 */
const SHORTLIST_FACTOR = 20
const SHORTLIST_SHARE = 1 / 200
const INT8_FACTOR = 4

/** A shortlist is good where all that was found is in this part of it; else one longer by this factor is made. */
const DECISIVE_SHARE = 0.5
const GROWTH = 3

/** Components of the second look of the funnel, and the share of the shortlist that stays after it. */
const SECOND_DIM = 192
const SECOND_SHARE = 0.4

/**
 * Finds the rows that score highest.
 *
 * Final scores are computed in float64 from the finest rows there are. `exact` finds what a float64 search finds: rows whose float32 score
 * is within the bound of its rounding errors are all looked at again.
 *
 * @param query - What to look for, and where.
 * @returns At most `count` rows, the highest score first; of equal ones the lower row.
 * @see `sentence_transformers.util.semantic_search`; `semantic_search_faiss` for shortlists with rescoring
 */
export function searchRows(memory: RowMemory, query: RowQuery, count: number): ScoredRow[] {
  if (memory.end === 0) return []
  const wanted = Math.min(count, memory.end)
  const scan = new RowScan(memory, query)
  const isExact = query.scoring === 'exact' || query.scoring === memory.finest
  const rows = isExact ? exactRows(memory, scan, wanted) : shortlist(memory, scan, query, wanted)
  return scoreRows(memory, query, rows).slice(0, wanted)
}

/**
 * Computes the final scores of rows.
 *
 * @param query - What they are compared with.
 * @returns Rows with their scores in float64, the highest first.
 */
export function scoreRows(
  memory: RowMemory,
  query: Pick<RowQuery, 'vector' | 'similarity'>,
  rows: Int32Array,
): ScoredRow[] {
  const { vector, similarity } = query
  const isCosine = similarity === 'cosine'
  const isFloat = memory.finest === 'float32'
  const queryFactor = isCosine ? 1 / Math.max(normOf(vector), MIN_NORM) : 1
  const scored = Array.from(rows, (row) => {
    const { values, scale } = memory.read(row)
    let product = 0
    for (let index = 0; index < values.length; index++) product += (values[index] as number) * (vector[index] as number)
    // The scale of a float32 row is rounded; of levels it is all there is.
    const rowFactor = !isFloat ? scale : isCosine ? 1 / Math.max(normOf(values), MIN_NORM) : 1
    return { row, score: product * rowFactor * queryFactor }
  })
  return scored.sort((a, b) => b.score - a.score || a.row - b.row)
}

function exactRows(memory: RowMemory, scan: RowScan, wanted: number): Int32Array {
  const bound = 2 * scan.errorBound()
  for (let capacity = wanted + SPARE_ROWS; ; capacity *= 4) {
    const top = scan.all(scan.finest, Math.min(capacity, memory.end))
    const rows = top.indices()
    if (!top.isFull || rows.length === memory.end) return rows
    // Whether all that could belong to the first rows were kept.
    const lowest = scan.rank(rows, wanted).threshold
    if (top.threshold < lowest - bound) return rows
  }
}

function shortlist(memory: RowMemory, scan: RowScan, query: RowQuery, wanted: number): Int32Array {
  const { end } = memory
  const isInt8 = query.scoring === 'int8'
  const least = isInt8 ? INT8_FACTOR * wanted + SPARE_ROWS : Math.max(SHORTLIST_FACTOR * wanted, end * SHORTLIST_SHARE)
  for (let length = Math.min(end, Math.ceil(least)); ; length = Math.min(end, length * GROWTH)) {
    const first = firstLook(scan, query, length).drain()
    const rows = lastLook(memory, scan, first, { scoring: query.scoring, wanted })
    if (first.length < length || length === end) return rows
    // Where what was found lies near the end of the shortlist, more of it lies beyond: many rows are about equally near.
    const best = new Set(scan.rank(rows, wanted).indices())
    if (first.findLastIndex((row) => best.has(row)) < length * DECISIVE_SHARE) return rows
  }
}

function firstLook(scan: RowScan, { scoring }: RowQuery, length: number): TopScores {
  if (scoring === 'int8' || scoring === 'binary') return scan.all(scoring, length)
  return scan.all(scan.finest, length, HEAD_DIM)
}

function lastLook(
  { end, layout }: RowMemory,
  scan: RowScan,
  first: Int32Array,
  { scoring, wanted }: { readonly scoring: Scoring; readonly wanted: number },
): Int32Array {
  const last = Math.min(end, wanted + SPARE_ROWS)
  const second = Math.ceil(SECOND_SHARE * first.length)
  const isDeep = scoring === 'funnel' && layout.dim > SECOND_DIM && second >= last
  const rows = isDeep ? scan.rank(first, second, SECOND_DIM).indices() : first
  return scan.rank(rows, last).indices()
}
