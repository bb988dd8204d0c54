import type { Contender } from './contender.js'

/** How queries are measured. */
export interface QueryRequest {
  readonly queries: readonly string[]
  /** Turns that each contender gets. */
  readonly rounds: number
  /** Queries of a turn, one after another. */
  readonly perRound: number
}

/** Measurements of one contender. */
export interface QueryResult {
  readonly name: string
  /** Milliseconds of the first query after the load. */
  readonly coldMs: number
  /** Milliseconds of each later query, by turns. */
  readonly warmMs: readonly (readonly number[])[]
  /** Vectors of the last turn's queries, `[perRound, dim]`. */
  readonly vectors: Float32Array
  /** The queries that they belong to. */
  readonly lastQueries: readonly string[]
}

/** Before a turn, so that threads of the one before come to rest. */
const PAUSE_MS = 100

/**
 * Measures how long one short query takes, from the page and back to it. Contenders take turns.
 *
 * @param contenders - Loaded, and not used yet: the first query counts as cold.
 * @param request - Queries and rounds.
 * @returns One result a contender.
 */
export async function measureQueries(contenders: readonly Contender[], request: QueryRequest): Promise<QueryResult[]> {
  const { queries, rounds, perRound } = request
  const all = contenders.map((contender) => {
    return { contender, coldMs: NaN, warmMs: [] as number[][], vectors: [] as Float32Array[] }
  })
  for (const turns of all) turns.coldMs = (await timeQuery(turns.contender, queries[0] ?? '')).ms
  let lastQueries: readonly string[] = []
  for (let round = 0; round < rounds; round++) {
    lastQueries = Array.from(
      { length: perRound },
      (_, at) => queries[(1 + round * perRound + at) % queries.length] ?? '',
    )
    for (const turns of all) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      const timed = []
      for (const query of lastQueries) timed.push(await timeQuery(turns.contender, query))
      turns.warmMs.push(timed.map(({ ms }) => ms))
      turns.vectors = timed.map(({ vector }) => vector)
    }
  }
  return all.map(({ contender, coldMs, warmMs, vectors }) => {
    return { name: contender.name, coldMs, warmMs, vectors: joined(vectors), lastQueries }
  })
}

async function timeQuery(
  contender: Contender,
  query: string,
): Promise<{ readonly ms: number; readonly vector: Float32Array }> {
  const start = performance.now()
  const vector = await contender.encodeQuery(query)
  return { ms: performance.now() - start, vector }
}

function joined(vectors: readonly Float32Array[]): Float32Array {
  const dim = vectors[0]?.length ?? 0
  const all = new Float32Array(vectors.length * dim)
  vectors.forEach((vector, row) => {
    all.set(vector, row * dim)
  })
  return all
}
