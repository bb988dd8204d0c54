/** Memory, and whose it is. */
export interface MeasuredMemory {
  readonly bytes: number
  readonly of: string
}

/** What only Chromium has. */
interface MeasuringPerformance {
  measureUserAgentSpecificMemory?(): Promise<{ readonly bytes: number }>
  readonly memory?: { readonly usedJSHeapSize: number }
}

/**
 * Reads the size of the page's own heap.
 *
 * @returns Bytes; `undefined` where the browser does not tell.
 */
export function measureHeap(): MeasuredMemory | undefined {
  const heap = (performance as Performance & MeasuringPerformance).memory?.usedJSHeapSize
  return heap === undefined ? undefined : { bytes: heap, of: 'heap of the page alone' }
}

/**
 * Measures the memory of the page and its workers. The browser waits for its next garbage collection, which may be half a minute.
 *
 * @returns Bytes; `undefined` where the browser does not tell, or the page is not isolated.
 * @see {@link https://developer.mozilla.org/docs/Web/API/Performance/measureUserAgentSpecificMemory | MDN}
 */
export async function measureAll(): Promise<MeasuredMemory | undefined> {
  const measuring = performance as Performance & MeasuringPerformance
  if (!crossOriginIsolated || measuring.measureUserAgentSpecificMemory === undefined) return undefined
  try {
    return { bytes: (await measuring.measureUserAgentSpecificMemory()).bytes, of: 'page and workers' }
  } catch {
    // Refused: in some embedded pages.
    return undefined
  }
}
