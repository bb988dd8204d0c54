import { REFERENCE, type Entry } from '../contest.js'
import type { BulkResult } from '../measure/bulk.js'
import { cosineErrorOf, type CosineError } from '../measure/cosines.js'
import { ratioOf, spreadOf, type Spread } from '../measure/statistics.js'
import type { LoadResult, WithCosines } from '../page/compare.js'
import { BenchSession, callPage } from '../session.js'
import { numberText, ratioText, type Table } from '../table.js'
import type { BenchContext, BulkScale, CaseResult, Ratios } from './bench-context.js'

/** Which corpus is encoded. */
export interface BulkCase {
  readonly id: 'a' | 'b'
  readonly title: string
  readonly texts: readonly string[]
  readonly scale: BulkScale
}

/** Measurements of one contender. */
interface BulkRow {
  readonly name: string
  readonly details: string
  readonly loadMs: number
  readonly coldMs: number
  readonly warmMs: Spread
  readonly rounds: number
  readonly textsPerSecond: number
  /** How many times as fast as the peer, by rounds. */
  readonly ratios: Ratios
  readonly cosineError: CosineError
  readonly failure: string | undefined
}

/**
 * Measures (a) and (b): bulk work.
 *
 * @param context - Where and how.
 * @param bulk - The corpus.
 * @returns The measurements.
 */
export async function runBulkCase(context: BenchContext, bulk: BulkCase): Promise<CaseResult> {
  const { isolated, onStep } = context
  const { coldTexts, rounds } = bulk.scale
  const isLeftOut = ({ spec, isVariant }: Entry): boolean =>
    bulk.id === 'b' && isVariant && spec.kind === 'peer' && spec.dtype === 'fp32' && !context.scale.isThorough
  const entries = context.entries.filter((entry) => !isLeftOut(entry))
  const session = await BenchSession.start(context)
  try {
    const page = await session.open()
    page.on('console', (message) => {
      onStep(message.text())
    })
    const loads = await callPage(page, 'loadAll', { specs: entries.map(({ spec }) => spec), urls: session.urls })
    const names = loads.filter(({ failure }) => failure === undefined).map(({ name }) => name)
    const onceOnly = entries.filter(isSlow).map(({ name }) => name)
    const { texts } = bulk
    const withoutCold = entries.filter(({ isVariant }) => isVariant).map(({ name }) => name)
    const request = { names, texts, coldTexts, rounds, onceOnly, withoutCold }
    const results = await callPage(page, 'runBulk', request)
    const right = results.find(({ name }) => name === REFERENCE)?.cosines ?? []
    const rows = entries.map((entry) => toRow(entry, { loads, results, right, texts }))
    return { id: bulk.id, title: bulk.title, isolated, rows, table: toTable(rows, coldTexts) }
  } finally {
    await session.close()
  }
}

/** Only ratios to q8 are the ones that count, and need several turns. */
function isSlow({ isVariant, spec }: Entry): boolean {
  return isVariant || (spec.kind === 'peer' && spec.dtype === 'fp32' && spec.device === 'wasm')
}

interface Measured {
  readonly loads: readonly LoadResult[]
  readonly results: readonly WithCosines<BulkResult>[]
  readonly right: readonly number[]
  readonly texts: readonly string[]
}

function toRow({ name, bases }: Entry, { loads, results, right, texts }: Measured): BulkRow {
  const load = loads.find((one) => one.name === name)
  const result = results.find((one) => one.name === name)
  const warmMs = result?.warmMs ?? []
  const ratios = Object.entries(bases).map(([dtype, base]) => {
    return [dtype, ratioOf(results.find((one) => one.name === base)?.warmMs ?? [], warmMs)] as const
  })
  const spread = spreadOf(warmMs)
  return {
    name,
    details: load?.details ?? '',
    loadMs: load?.loadMs ?? NaN,
    coldMs: result?.coldMs ?? NaN,
    warmMs: spread,
    rounds: warmMs.length,
    textsPerSecond: (texts.length * 1000) / spread.p50,
    ratios: Object.fromEntries(ratios),
    cosineError: cosineErrorOf(result?.cosines ?? [], right),
    failure: load?.failure ?? result?.failure,
  }
}

function toTable(rows: readonly BulkRow[], coldTexts: number): Table {
  const head = [
    '',
    `cold ms (${coldTexts} texts)`,
    'warm ms p50',
    'p95',
    'turns',
    'texts/s',
    'x peer q8',
    'x peer fp32',
  ]
  return {
    head: [...head, 'cosine error mean', 'largest'],
    lines: rows.map((row) => {
      if (row.failure !== undefined) return [row.name, `failed: ${row.failure.slice(0, 160)}`]
      return [
        row.name,
        numberText(row.coldMs),
        numberText(row.warmMs.p50),
        numberText(row.warmMs.p95),
        String(row.rounds),
        numberText(row.textsPerSecond, 1),
        ratioText(row.ratios.q8),
        ratioText(row.ratios.fp32),
        numberText(row.cosineError.mean, 5),
        numberText(row.cosineError.largest, 5),
      ]
    }),
  }
}
