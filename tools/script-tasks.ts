import type { Browser, CDPSession } from 'playwright'

/** What we read of Chromium's trace events; times in microseconds. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  /** Thread time: what the CPU spent, not what passed while another process ran. */
  readonly tdur?: number
  readonly args?: {
    readonly name?: string
    readonly data?: { readonly url?: string; readonly scriptName?: string; readonly type?: string }
  }
}

/** A task of the main thread that ran a script. */
export interface ScriptTask {
  readonly threadMs: number
}

/** Events that mean that script runs; the traced page has no script but that which is measured. */
const SCRIPT_EVENTS: ReadonlySet<string> = new Set([
  'FunctionCall',
  'EvaluateScript',
  'RunMicrotasks',
  'v8.run',
  'V8.Execute',
  'TimerFire',
])

const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8.execute']

/**
 * Traces what a page does.
 *
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

/**
 * Finds the tasks of the renderer's main thread that ran script.
 *
 * @param events - A trace.
 * @param origin - The page's origin: tells our renderer from others.
 * @returns The tasks, the longest first.
 */
function scriptTasks(events: readonly TraceEvent[], origin: string): ScriptTask[] {
  const mainThreads = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(keyOf),
  )
  const ours = new Set(
    events
      .filter((event) => mainThreads.has(keyOf(event)) && event.args?.data?.url?.startsWith(origin) === true)
      .map(keyOf),
  )
  const onOurs = events.filter((event) => ours.has(keyOf(event)))
  const scripts = onOurs.filter(({ name }) => SCRIPT_EVENTS.has(name))
  return onOurs
    .filter((task) => task.name.endsWith('RunTask') && scripts.some((script) => isInside(script, task)))
    .map(({ tdur = 0 }) => ({ threadMs: tdur / 1000 }))
    .sort((a, b) => b.threadMs - a.threadMs)
}

function keyOf({ pid, tid }: TraceEvent): string {
  return `${pid}:${tid}`
}

function isInside(inner: TraceEvent, outer: TraceEvent): boolean {
  return inner.ts >= outer.ts && inner.ts <= outer.ts + (outer.dur ?? 0)
}
