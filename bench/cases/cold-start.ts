import type { Page } from 'playwright'
import type { Entry } from '../contest.js'
import type { ColdStart } from '../measure/cold-start.js'
import { ratioOf, spreadOf } from '../measure/statistics.js'
import { BenchSession, callPage } from '../session.js'
import { numberText, ratioText } from '../table.js'
import type { BenchContext, CaseResult } from './bench-context.js'

/** Where files come from: the HTTP cache alone, or what a library itself keeps as well. */
const SOURCES = { http: 'HTTP cache alone', kept: 'with what each library keeps' } as const

/** Visits before those that are measured: the first fills the HTTP cache, the second the browser's cache of compiled code. */
const WARM_UP_VISITS = 2

/** What a library keeps may be written after its first vector. */
const KEEP_MS = 1500

interface Visits {
  readonly entry: Entry
  readonly source: keyof typeof SOURCES
  readonly measured: ColdStart[]
  /** Files that were not in the HTTP cache all the same. */
  readonly notCached: Set<string>
}

/**
 * Measures (d): from the start of the navigation to the first vector, in a fresh page each.
 *
 * @param context - Where and how.
 * @returns The measurements.
 */
export async function runColdStartCase(context: BenchContext): Promise<CaseResult> {
  const { scale, isolated, onStep } = context
  // The pool's further workers are not started by a query.
  const entries = context.entries.filter(({ isVariant, name }) => !isVariant && name !== 'nestling, one worker')
  const all = entries.flatMap((entry) =>
    (['http', 'kept'] as const).map((source): Visits => ({ entry, source, measured: [], notCached: new Set() })),
  )
  const session = await BenchSession.start(context)
  try {
    for (const { spec } of entries) {
      for (let visit = 0; visit < WARM_UP_VISITS; visit++) await visitPage(session, spec)
    }
    for (let round = 0; round < scale.visits; round++) {
      for (const visits of all) {
        if (visits.source === 'http') await forget(session)
        session.takeSent()
        const coldStart = await visitPage(session, visits.entry.spec)
        visits.measured.push(coldStart)
        for (const path of session.takeSent()) visits.notCached.add(path)
        onStep(`${visits.entry.name}, ${SOURCES[visits.source]}: ${coldStart.vectorMs.toFixed(0)} ms`)
      }
    }
  } finally {
    await session.close()
  }
  return toResult(all, isolated, scale.visits)
}

async function visitPage(session: BenchSession, spec: Entry['spec']): Promise<ColdStart> {
  const page = await session.open()
  const coldStart = await callPage(page, 'coldStart', spec, session.urls)
  await new Promise((resolve) => setTimeout(resolve, KEEP_MS))
  await page.close()
  return coldStart
}

/** Empties what libraries keep, and leaves the HTTP cache. */
async function forget(session: BenchSession): Promise<void> {
  const page: Page = await session.open()
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Storage.clearDataForOrigin', { origin: session.url, storageTypes: 'indexeddb,cache_storage' })
  await page.close()
}

function toResult(all: readonly Visits[], isolated: boolean, count: number): CaseResult {
  const rows = all.map(({ entry, source, measured, notCached }) => {
    const vectorMs = measured.map((visit) => visit.vectorMs)
    const ratioTo = (base: string | undefined) => {
      const peer = all.find((other) => other.entry.name === base && other.source === source)
      return ratioOf(vectorMs, peer?.measured.map((visit) => visit.vectorMs) ?? [])
    }
    return {
      name: `${entry.spec.kind === 'nestling' ? entry.name.replace(', pool', '') : entry.name.replace(', batches of 32', '')}, ${SOURCES[source]}`,
      vectorMs: spreadOf(vectorMs),
      loadedMs: spreadOf(measured.map((visit) => visit.loadedMs)),
      ratios: { q8: ratioTo(entry.bases.q8), fp32: ratioTo(entry.bases.fp32) },
      notCached: [...notCached],
    }
  })
  const head = [
    '',
    'loaded ms p50',
    'first vector ms p50',
    'p95',
    'x peer q8',
    'x peer fp32',
    'files not in the HTTP cache',
  ]
  const lines = rows.map((row) => [
    row.name,
    numberText(row.loadedMs.p50),
    numberText(row.vectorMs.p50),
    numberText(row.vectorMs.p95),
    ratioText(row.ratios.q8),
    ratioText(row.ratios.fp32),
    row.notCached.length === 0 ? 'none' : row.notCached.join(' '),
  ])
  const title = `cold start, navigation to first vector, ${count} visits each; ratios are times, by visits`
  return { id: 'd', title, isolated, rows, table: { head, lines } }
}
