/** Kinds of queries, in the order of the table. */
export const KINDS = ['identifier', 'words', 'meaning'] as const

/** What a query is made of: a name of something, the words of an answer, or other words than those. */
export type QueryKind = (typeof KINDS)[number]

/** A query with its judgements. */
export interface JudgedQuery {
  readonly id: string
  readonly kind: QueryKind
  readonly query: string
  /** Page to grade: 2 answers, 1 helps. */
  readonly relevant: Readonly<Record<string, number>>
}

/**
 * Reads judged queries by site.
 *
 * @param text - JSON: `sites` with a list for each site, of `id`, `kind`, `query` and `relevant` (page to grade, above 0).
 * @throws {Error} If it is something else.
 */
export function readQueries(text: string): Readonly<Record<string, readonly JudgedQuery[]>> {
  const file = JSON.parse(text) as { sites?: unknown } | null
  const sites = file?.sites
  if (typeof sites !== 'object' || sites === null || Array.isArray(sites)) {
    throw new Error(
      `Cannot read queries as the file must have an object sites: current value is ${JSON.stringify(sites)}`,
    )
  }
  for (const [site, queries] of Object.entries(sites)) {
    if (!Array.isArray(queries) || queries.length === 0) {
      throw new Error(
        `Cannot read the queries of ${site} as they must be a list: current value is ${JSON.stringify(queries)}`,
      )
    }
    for (const query of queries as unknown[]) {
      if (isJudged(query)) continue
      throw new Error(
        `Cannot read a query of ${site} as it must have id, kind (${KINDS.join(', ')}), query and relevant with grades above 0: current value is ${JSON.stringify(query)}`,
      )
    }
  }
  return sites as Record<string, JudgedQuery[]>
}

function isJudged(value: unknown): boolean {
  const { id, kind, query, relevant } = (value ?? {}) as Partial<Record<keyof JudgedQuery, unknown>>
  if (typeof id !== 'string' || typeof query !== 'string' || !KINDS.some((known) => known === kind)) return false
  if (typeof relevant !== 'object' || relevant === null) return false
  const grades: unknown[] = Object.values(relevant)
  return grades.length > 0 && grades.every((grade) => typeof grade === 'number' && grade > 0)
}
