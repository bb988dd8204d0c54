import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { expect, test } from 'playwright/test'
import { findBrowser, launchArgs } from '../tools/browser.mjs'
import { loadAndEncode, openPage, verifyInPage, type NestlingWindow } from './model-cache-page.ts'
import { startModelServer } from './model-server.ts'

/** What Chromium keeps of a user who has chosen that no site may store anything. */
const BLOCK_ALL = { profile: { default_content_setting_values: { cookies: 2 } } }

const TINY = '/models/tiny/'

test('where the user has blocked storage, a model loads and the report says that nothing is stored', async () => {
  const server = await startModelServer()
  const profile = mkdtempSync(join(tmpdir(), 'nestling-blocked-'))
  mkdirSync(join(profile, 'Default'))
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(BLOCK_ALL))
  const { executablePath } = await findBrowser()
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: launchArgs(),
    headless: true,
  })
  try {
    const page = await context.newPage()
    await openPage(page, server.url)
    // The browser, and not a test double, refuses.
    const refusal = await page.evaluate(() => {
      return new Promise<string>((resolve) => {
        const request = indexedDB.open('any')
        request.onsuccess = () => {
          resolve('opened')
        }
        request.onerror = () => {
          resolve(request.error?.name ?? 'no reason')
        }
      }).catch((error: unknown) => (error as Error).name)
    })
    expect(refusal).not.toBe('opened')
    console.log(`indexedDB.open() with storage blocked: ${refusal}`)
    const loaded = await loadAndEncode(page, TINY, { embeddings: true })
    expect(loaded).toMatchObject({ failure: undefined, storage: 'memory', weights: 'not-stored' })
    expect(loaded.reason).toMatch(/the browser has no storage here/)
    expect(loaded.warnings).toContain('cache-unavailable')
    expect(loaded.vector).toHaveLength(8)
    expect(await loadAndEncode(page, TINY, { weights: 'only' })).toMatchObject({ failure: 'model-not-found' })
    expect(await verifyInPage(page)).toMatchObject({ isOk: true, whole: [], storedBytes: 0 })
    const failure = await page.evaluate(() => {
      const { modelCache } = (globalThis as unknown as NestlingWindow).nestling
      return modelCache.import(new Blob(['x'])).catch((error: unknown) => (error as { readonly code?: string }).code)
    })
    expect(failure).toBe('store-unavailable')
  } finally {
    await context.close()
    await server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
})
