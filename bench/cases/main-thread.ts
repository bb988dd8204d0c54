import { traceScriptTasks } from '../../tools/script-tasks.js'
import type { Entry } from '../contest.js'
import { BenchSession, callPage } from '../session.js'
import type { BenchContext, CaseResult } from './bench-context.js'

/**
 * Measures (f): the longest task of the main thread, in the time that the CPU spent on it.
 *
 * @param context - Where and how.
 * @returns The measurements.
 */
export async function runMainThreadCase(context: BenchContext): Promise<CaseResult> {
  const entries = context.entries.filter(({ isVariant }) => !isVariant)
  const rows = []
  for (const entry of entries) rows.push(await measureEntry(entry, context))
  const head = ['', 'load: longest task, ms', 'tasks', 'bulk: longest task, ms', 'tasks']
  const lines = rows.map(({ name, load, bulk }) => [
    name,
    load.longestMs.toFixed(2),
    String(load.tasks),
    bulk.longestMs.toFixed(2),
    String(bulk.tasks),
  ])
  const title = `longest main-thread task in thread time, load and ${context.corpora.short.length} short sentences`
  return { id: 'f', title, isolated: context.isolated, rows, table: { head, lines } }
}

async function measureEntry({ name, spec }: Entry, context: BenchContext) {
  const session = await BenchSession.start(context)
  try {
    const page = await session.open()
    await callPage(page, 'remember', context.corpora.short)
    const trace = async (work: () => Promise<unknown>) => {
      const { tasks } = await traceScriptTasks(session.browser, session.url, work)
      return { longestMs: tasks[0]?.threadMs ?? NaN, tasks: tasks.length }
    }
    const load = await trace(() => callPage(page, 'loadAll', { specs: [spec], urls: session.urls }))
    const bulk = await trace(() => callPage(page, 'encodeRemembered', name))
    return { name, load, bulk }
  } finally {
    await session.close()
  }
}
