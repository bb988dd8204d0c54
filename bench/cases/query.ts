import { REFERENCE, type Entry } from '../contest.js'
import { cosineErrorOf } from '../measure/cosines.js'
import type { QueryResult } from '../measure/query.js'
import { ratioOf, spreadOf } from '../measure/statistics.js'
import type { WithCosines } from '../page/compare.js'
import { BenchSession, callPage } from '../session.js'
import { numberText, ratioText } from '../table.js'
import type { BenchContext, CaseResult } from './bench-context.js'

/**
 * Measures (c): one short query after another.
 *
 * @param context - Where and how.
 * @returns The measurements.
 */
export async function runQueryCase(context: BenchContext): Promise<CaseResult> {
  const { scale, isolated, corpora } = context
  const entries = context.entries.filter(({ isVariant, name }) => !isVariant || name === REFERENCE)
  const session = await BenchSession.start(context)
  try {
    const page = await session.open()
    const loads = await callPage(page, 'loadAll', { specs: entries.map(({ spec }) => spec), urls: session.urls })
    const failures = loads.filter(({ failure }) => failure !== undefined)
    const names = loads.filter((load) => !failures.includes(load)).map(({ name }) => name)
    const { queryRounds: rounds, queriesPerRound: perRound } = scale
    const results = await callPage(page, 'runQueries', names, { queries: corpora.queries, rounds, perRound })
    const rows = entries.flatMap((entry) => toRow(entry, results))
    const failed = failures.map(({ name, failure = '' }) => [name, `failed: ${failure.slice(0, 160)}`])
    const head = ['', 'first ms', 'ms p50', 'p95', 'x peer q8', 'x peer fp32', 'cosine error mean', 'largest']
    const lines = rows.map(({ name, coldMs, warmMs, ratios, cosineError }) => [
      name,
      numberText(coldMs, 1),
      numberText(warmMs.p50, 2),
      numberText(warmMs.p95, 2),
      ratioText(ratios.q8),
      ratioText(ratios.fp32),
      numberText(cosineError.mean, 5),
      numberText(cosineError.largest, 5),
    ])
    const title = `one query of 2 to 6 words, ${rounds} turns of ${perRound}; ratios are times, by turns`
    return { id: 'c', title, isolated, rows, table: { head, lines: [...lines, ...failed] } }
  } finally {
    await session.close()
  }
}

function toRow({ name, bases }: Entry, results: readonly WithCosines<QueryResult>[]) {
  const result = results.find((one) => one.name === name)
  if (result === undefined) return []
  const medians = (warmMs: QueryResult['warmMs']): number[] => warmMs.map((turn) => spreadOf(turn).p50)
  const ratioTo = (base: string | undefined) => {
    const peer = results.find((one) => one.name === base)
    return ratioOf(medians(result.warmMs), medians(peer?.warmMs ?? []))
  }
  const right = results.find((one) => one.name === REFERENCE)?.cosines ?? []
  return [
    {
      name,
      coldMs: result.coldMs,
      warmMs: spreadOf(result.warmMs.flat()),
      ratios: { q8: ratioTo(bases.q8), fp32: ratioTo(bases.fp32) },
      cosineError: cosineErrorOf(result.cosines, right),
    },
  ]
}
