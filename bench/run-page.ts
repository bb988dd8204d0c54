import { join } from 'node:path'
import { chromium } from 'playwright'
import { findBrowser, launchArgs } from '../tools/browser.mjs'
import { serve } from '../tools/serve.mjs'
import { bundlePage, BUNDLES } from './bundle-page.js'

/** A function of a page's module, and what it is called with. */
export interface PageCall {
  /** Name of the module below `page/`, without its ending. */
  readonly module: string
  readonly name: string
  /** Paths in it that start with `/` become URLs. */
  readonly request: unknown
  /** URL prefixes and the folders behind them. */
  readonly roots: Readonly<Record<string, string>>
  /** How Chromium is started. */
  readonly args?: Parameters<typeof launchArgs>[0]
}

/** What a page answered. */
export interface PageAnswer<Result> {
  readonly result: Result
  /** Version of the browser. */
  readonly browser: string
}

/**
 * Bundles a module and calls a function of it in a page of a real Chromium that is not cross-origin isolated: one thread for all.
 *
 * @returns Its answer.
 */
export async function runInPage<Result>(call: PageCall): Promise<PageAnswer<Result>> {
  const { module, name, request, roots } = call
  await bundlePage([module])
  const page = join(import.meta.dirname, 'page')
  const server = await serve({ roots: { ...roots, '/page': page, '/bundle': BUNDLES }, port: 0, isolated: false })
  const { executablePath } = await findBrowser()
  const browser = await chromium.launch({ executablePath, args: launchArgs(call.args) })
  try {
    const tab = await browser.newPage()
    tab.setDefaultTimeout(0)
    await tab.goto(`${server.url}/page/`)
    const absolute = JSON.stringify(request).replaceAll(/"\/(?=\w)/g, `"${server.url}/`)
    const script = `import('/bundle/${module}.js').then((module) => module.${name}(${absolute}))`
    return { result: await tab.evaluate<Result>(script), browser: browser.version() }
  } finally {
    await browser.close()
    await server.close()
  }
}
