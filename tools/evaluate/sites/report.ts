import { gradedNdcg } from './graded-ndcg.js'
import { KINDS, type JudgedQuery, type QueryKind } from './read-queries.js'

/** How one way to search did on one site. */
export interface SiteRow {
  readonly way: string
  /** Of the index; `undefined` where no vector is asked. */
  readonly precision: string | undefined
  /** Mean NDCG@10 of the queries of a kind; NaN where there are none. */
  readonly ndcg: Readonly<Record<QueryKind, number>>
  /** NDCG@10 by the query's id. */
  readonly queries: Readonly<Record<string, number>>
}

/** What was measured on one site. */
export interface SiteReport {
  readonly pages: number
  readonly passages: number
  readonly rows: readonly SiteRow[]
}

/** The way that {@link checkTargets} looks at. */
export const DEFAULT_WAY = 'both by scores'

/** What the default must reach in 8 bits. */
const TARGETS: Readonly<Record<string, Readonly<Record<QueryKind, number>>>> = {
  postgres: { identifier: 0.95, words: 0.9, meaning: 0.28 },
  python: { identifier: 0.98, words: 0.92, meaning: 0.44 },
}

/** Most that 2 bits may lose of what 8 bits reach. */
const MOST_LOST = 0.015

/**
 * Makes a row of what was found.
 *
 * @param name - Way and precision.
 * @param queries - What was asked.
 * @param found - Ids by query, in the same order.
 */
export function toRow(
  name: Pick<SiteRow, 'way' | 'precision'>,
  queries: readonly JudgedQuery[],
  found: readonly (readonly string[])[],
): SiteRow {
  const scores = queries.map(({ relevant }, place) => gradedNdcg(found[place] ?? [], relevant))
  const meanOf = (kind: QueryKind): number => {
    const some = scores.filter((_, place) => queries[place]?.kind === kind)
    return some.reduce((sum, score) => sum + score, 0) / some.length
  }
  const ndcg = { identifier: meanOf('identifier'), words: meanOf('words'), meaning: meanOf('meaning') }
  return { ...name, ndcg, queries: Object.fromEntries(queries.map(({ id }, place) => [id, scores[place] ?? NaN])) }
}

/**
 * Writes what was measured for people.
 *
 * @returns Lines of text.
 */
export function siteText(site: string, { pages, passages, rows }: SiteReport): string {
  const nameOf = ({ way, precision }: SiteRow): string => (precision === undefined ? way : `${way}, ${precision}`)
  const width = Math.max(...rows.map((row) => nameOf(row).length))
  const lines = rows.map((row) => {
    const numbers = KINDS.map((kind) => row.ndcg[kind].toFixed(4).padStart(kind.length))
    return `${nameOf(row).padEnd(width)}  ${numbers.join('  ')}`
  })
  return [
    `${site}: ${pages} pages, ${passages} passages`,
    `${'NDCG@10'.padEnd(width)}  ${KINDS.join('  ')}`,
    ...lines,
  ].join('\n')
}

/**
 * Compares what was measured with what must be reached.
 *
 * @param reports - By site.
 * @returns A line for each number that is too low or was not measured.
 */
export function checkTargets(reports: Readonly<Record<string, SiteReport>>): string[] {
  return Object.entries(reports).flatMap(([site, { rows }]) => {
    const rowOf = (wanted: string): SiteRow | undefined =>
      rows.find(({ way, precision }) => way === DEFAULT_WAY && precision === wanted)
    const [eight, two] = [rowOf('int8'), rowOf('int2')]
    return KINDS.flatMap((kind) => {
      const bound = TARGETS[site]?.[kind]
      const reached = eight?.ndcg[kind] ?? NaN
      const inTwo = two?.ndcg[kind] ?? NaN
      return [
        // NaN is too low, too.
        ...(bound === undefined || reached >= bound
          ? []
          : [`${site} ${kind} in int8: ${reached.toFixed(4)}, must be at least ${bound}`]),
        ...(reached - inTwo <= MOST_LOST
          ? []
          : [
              `${site} ${kind} in int2: ${inTwo.toFixed(4)}, must be at most ${MOST_LOST} below int8 (${reached.toFixed(4)})`,
            ]),
      ]
    })
  })
}
