import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright'

/** Has a page collect its garbage, so that memory that nobody needs any more is not measured. */
export async function collectGarbage(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.detach()
}

/**
 * Measures a browser's memory. Only Linux tells what processes share; elsewhere the result is 0.
 *
 * @returns Bytes of all its processes; shared pages count by their share.
 */
export async function browserBytes(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.reduce((sum, { id }) => sum + proportionalBytes(id), 0)
}

function proportionalBytes(processId: number): number {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${processId}/smaps_rollup`, 'utf8')) ?? []
    return Number(kilobytes ?? 0) * 1024
  } catch {
    // The process has ended since it was listed.
    return 0
  }
}
