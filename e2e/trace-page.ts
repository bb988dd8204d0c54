import type { Browser, CDPSession } from 'playwright'
import { scriptTasks, type ScriptTask, type TraceEvent } from './trace-tasks.ts'

const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8.execute']

/**
 * Traces what a page does.
 *
 * @param browser - Its browser.
 * @param origin - The page's origin.
 * @param work - Runs meanwhile.
 * @returns What the work gave, and the tasks of the page's main thread that ran script, the longest first.
 */
export async function traceScriptTasks<T>(
  browser: Browser,
  origin: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly tasks: readonly ScriptTask[] }> {
  const session = await browser.newBrowserCDPSession()
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { recordMode: 'recordContinuously', includedCategories: CATEGORIES },
  })
  const result = await work()
  return { result, tasks: scriptTasks(await stopTracing(session), origin) }
}

async function stopTracing(session: CDPSession): Promise<TraceEvent[]> {
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
  return events
}
