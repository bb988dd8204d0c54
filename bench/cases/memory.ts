import { platform } from 'node:os'
import { browserBytes } from '../../tools/browser-memory.js'
import type { Entry } from '../contest.js'
import { BenchSession, callPage } from '../session.js'
import type { BenchContext, CaseResult } from './bench-context.js'

const SAMPLE_MS = 100

/** Long texts make the largest batches. */
const MIXED_TEXTS = 64

/**
 * Measures (g): the most memory that all processes of the browser have while a model is loaded and works.
 *
 * @param context - Where and how.
 * @returns The measurements; `undefined` where the system does not tell what processes share.
 */
export async function runMemoryCase(context: BenchContext): Promise<CaseResult | undefined> {
  if (platform() !== 'linux') return undefined
  const entries = context.entries.filter(({ isVariant }) => !isVariant)
  const rows = []
  for (const entry of entries) rows.push(await measureEntry(entry, context))
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
  const head = ['', 'empty page MiB', 'peak MiB', 'peak above empty MiB', 'afterwards above empty MiB']
  const lines = rows.map(({ name, emptyBytes, peakBytes, endBytes }) => [
    name,
    megabytes(emptyBytes),
    megabytes(peakBytes),
    megabytes(peakBytes - emptyBytes),
    megabytes(endBytes - emptyBytes),
  ])
  const title = `memory of the whole browser while loading and encoding ${context.corpora.short.length} short and ${MIXED_TEXTS} mixed texts`
  return { id: 'g', title, isolated: context.isolated, rows, table: { head, lines } }
}

async function measureEntry({ name, spec }: Entry, context: BenchContext) {
  const session = await BenchSession.start(context)
  try {
    const page = await session.open()
    await callPage(page, 'remember', [...context.corpora.short, ...context.corpora.mixed.slice(0, MIXED_TEXTS)])
    const emptyBytes = await browserBytes(session.browser)
    const sampler = samplePeak(session)
    await callPage(page, 'loadAll', { specs: [spec], urls: session.urls })
    await callPage(page, 'encodeRemembered', name)
    const peakBytes = await sampler.end()
    return { name, emptyBytes, peakBytes, endBytes: await browserBytes(session.browser) }
  } finally {
    await session.close()
  }
}

function samplePeak({ browser }: BenchSession): { end(): Promise<number> } {
  const state = { isOver: false }
  const sampling = (async () => {
    let peak = 0
    while (!state.isOver) {
      peak = Math.max(peak, await browserBytes(browser))
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))
    }
    return peak
  })()
  return {
    end: () => {
      state.isOver = true
      return sampling
    },
  }
}
