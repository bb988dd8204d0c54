import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import { findBrowser, launchArgs } from '../tools/browser.mjs'
import { serve } from '../tools/serve.mjs'
import type { TestServer } from './example-server.ts'

/** Vectors that are kept. */
export const KEPT_COUNT = 10_000

const PACKAGES = join(import.meta.dirname, '../packages')

/**
 * Serves what {@link keepVectors} needs.
 *
 * @returns The server; close it at the end.
 */
export function serveKeeping(): Promise<TestServer> {
  return serve({
    roots: {
      '/blank': join(import.meta.dirname, 'pages'),
      '/nestling': join(PACKAGES, 'nestling/dist'),
      '/nestling-test': join(PACKAGES, 'nestling/dist-test'),
    },
    isolated: false,
    port: 0,
  })
}

/** What keeping vectors took. */
export interface KeptVectors {
  /** What the store says. */
  readonly sizeBytes: number
  /** What the browser says that IndexedDB takes. */
  readonly usageBytes: number
  /** Milliseconds of reading all of them. */
  readonly readMs: readonly number[]
}

/**
 * Keeps vectors in a profile of their own, and measures.
 *
 * @param serverUrl - Address of {@link serveKeeping}.
 * @param dim - Components of each vector.
 * @param reads - How often all of them are read.
 * @returns What it took.
 */
export async function keepVectors(serverUrl: string, dim: number, reads: number): Promise<KeptVectors> {
  const profile = mkdtempSync(join(tmpdir(), 'nestling-profile-'))
  const { executablePath } = await findBrowser()
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: launchArgs({ webgpu: false }),
  })
  try {
    const page = await context.newPage()
    await page.goto(`${serverUrl}/blank/`)
    const sizeBytes = await page.evaluate(
      async ([count, length]) => {
        const from = (path: string): Promise<never> => import(path) as Promise<never>
        const { keepVectors: keep } = await from('/nestling-test/keep-vectors.js')
        await (keep as (count: number, dim: number) => Promise<void>)(count, length)
        const { embeddingCache } = await from('/nestling/index.js')
        return (embeddingCache as { size(): Promise<number> }).size()
      },
      [KEPT_COUNT, dim] as const,
    )
    const readMs: number[] = []
    for (let read = 0; read < reads; read++) readMs.push(await timeRead(page, dim))
    return { sizeBytes, usageBytes: await settledUsage(page), readMs }
  } finally {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

function timeRead(page: Page, dim: number): Promise<number> {
  return page.evaluate(
    async ([count, length]) => {
      const from = (path: string): Promise<never> => import(path) as Promise<never>
      const { readVectors } = await from('/nestling-test/keep-vectors.js')
      return (readVectors as (count: number, dim: number) => Promise<number>)(count, length)
    },
    [KEPT_COUNT, dim] as const,
  )
}

function usageOf(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const estimate: StorageEstimate & { readonly usageDetails?: { readonly indexedDB?: number } } =
      await navigator.storage.estimate()
    return estimate.usageDetails?.indexedDB ?? NaN
  })
}

/** LevelDB compacts in the background: twice the same is the end of it. */
async function settledUsage(page: Page): Promise<number> {
  let before = NaN
  for (;;) {
    const usage = await usageOf(page)
    if (usage === before) return usage
    before = usage
    await page.waitForTimeout(1000)
  }
}
