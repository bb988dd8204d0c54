import { join } from 'node:path'
import { chromium } from 'playwright'
import { findBrowser, launchArgs } from '../../browser.mjs'
import { serve } from '../../serve.mjs'
import { checkBuilt, DISTS, placeOf, ROOT, SEARCH_DISTS } from '../browser-run.js'
import type { SiteAnswer, SiteRequest } from './ask-in-page.mjs'

/** Vectors are kept for an origin, so the port is the same each time. */
const PORT = 4731

/** A site and what is asked. */
export interface SiteRun extends Omit<SiteRequest, 'url' | 'site'> {
  /** Folder of its pages. */
  readonly root: string
  readonly model: string
  /** Folder where the browser keeps vectors between runs. */
  readonly profile: string
  readonly onProgress: (fraction: number) => void
}

/**
 * Asks a site in a browser, which keeps vectors of passages for the next run.
 *
 * @param run - The site, the index and the queries.
 * @returns What was found.
 * @throws {Error} If a package is not built, the model is no folder, or the page fails.
 */
export async function askInBrowser({ root, model, profile, onProgress, ...asked }: SiteRun): Promise<SiteAnswer> {
  const dists = { ...DISTS, ...SEARCH_DISTS }
  checkBuilt(dists)
  const { folder, url } = placeOf(model)
  const roots = {
    ...dists,
    '/page': join(ROOT, 'tools/evaluate'),
    '/site': root,
    ...(folder === undefined ? {} : { '/model': folder }),
  }
  const server = await serve({ roots, port: PORT })
  const { executablePath } = await findBrowser()
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: launchArgs({ webgpu: false }),
  })
  try {
    const page = await browser.newPage()
    await page.exposeFunction('onEvaluationProgress', onProgress)
    await page.goto(`${server.url}/page/`)
    const request: SiteRequest = { ...asked, url: url?.replace('SERVER', server.url) ?? null, site: '/site' }
    // As text, for the same reason that the page's part is JavaScript.
    return await page.evaluate<SiteAnswer>(
      `import('/page/sites/ask-in-page.mjs').then(({ askSite }) => askSite(${JSON.stringify(request)}, onEvaluationProgress))`,
    )
  } finally {
    await browser.close()
    await server.close()
  }
}
