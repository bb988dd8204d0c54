import type { Page } from 'playwright'

/** How a page's load felt. */
export interface PaintRecord {
  /** Cumulative layout shift: the sum of all that nobody's input caused. */
  readonly shift: number
  /** What moved, for a failure's message. */
  readonly moved: readonly string[]
  /** When something was first seen, in milliseconds since navigation. */
  readonly firstPaintMs: number
}

interface ShiftEntry extends PerformanceEntry {
  readonly value: number
  readonly hadRecentInput: boolean
  readonly sources: readonly { readonly node: Node | null }[]
}

/**
 * Watches layout shifts of every page that is opened from now on.
 *
 * @returns When it does.
 */
export async function watchLayoutShift(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const record = { shift: 0, moved: [] as string[] }
    Object.assign(globalThis, { layoutShiftRecord: record })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as ShiftEntry[]) {
        if (entry.hadRecentInput) continue
        record.shift += entry.value
        for (const { node } of entry.sources) {
          const element = node instanceof Element ? node : node?.parentElement
          record.moved.push(`${element?.tagName ?? '?'}.${element?.className ?? ''}`)
        }
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

/** Reads what was recorded of the page that is open. */
export function readPaintRecord(page: Page): Promise<PaintRecord> {
  return page.evaluate(() => {
    const { layoutShiftRecord } = globalThis as unknown as {
      layoutShiftRecord: { readonly shift: number; readonly moved: string[] }
    }
    const [paint] = performance.getEntriesByName('first-contentful-paint')
    return { ...layoutShiftRecord, firstPaintMs: paint?.startTime ?? Infinity }
  })
}
