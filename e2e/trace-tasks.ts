/** What we read of Chromium's trace events; times in microseconds. */
export interface TraceEvent {
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

/** Events that mean that script runs; the page of the test has no script but ours. */
const SCRIPT_EVENTS: ReadonlySet<string> = new Set([
  'FunctionCall',
  'EvaluateScript',
  'RunMicrotasks',
  'v8.run',
  'V8.Execute',
  'TimerFire',
])

/**
 * Finds the tasks of the renderer's main thread that ran script.
 *
 * @param events - A trace.
 * @param origin - The page's origin: tells our renderer from others.
 * @returns The tasks, the longest first.
 */
export function scriptTasks(events: readonly TraceEvent[], origin: string): ScriptTask[] {
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
