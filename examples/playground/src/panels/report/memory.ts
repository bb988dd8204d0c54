/** What Chromium's memory measurement gives. */
interface MeasuredMemory {
  readonly bytes: number
}

/** Page and workers, where the browser tells. */
interface MeasuringPerformance {
  measureUserAgentSpecificMemory?(): Promise<MeasuredMemory>
  readonly memory?: { readonly usedJSHeapSize: number }
}

/** Garbage collection decides when a measurement is done; a report does not wait for longer. */
const LIMIT_MS = 5000

/**
 * Measures the memory of the page and its workers.
 *
 * @returns Bytes and how they were measured; `undefined` where the browser does not tell.
 * @see {@link https://developer.mozilla.org/docs/Web/API/Performance/measureUserAgentSpecificMemory | MDN}
 */
export async function measureMemory(): Promise<{ readonly bytes: number; readonly of: string } | undefined> {
  const measuring = performance as Performance & MeasuringPerformance
  if (crossOriginIsolated && measuring.measureUserAgentSpecificMemory !== undefined) {
    const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, LIMIT_MS, undefined))
    const measured = await Promise.race([measuring.measureUserAgentSpecificMemory().catch(() => undefined), timeout])
    if (measured !== undefined) return { bytes: measured.bytes, of: 'page and workers' }
  }
  const heap = measuring.memory?.usedJSHeapSize
  return heap === undefined ? undefined : { bytes: heap, of: 'heap of the page alone' }
}
