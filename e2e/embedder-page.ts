import type { Page } from 'playwright'

/** What a page of these tests does with an embedder; types of the package end at the page's border. */
export interface PageEmbedder {
  encode(texts: string | readonly string[], options?: object): Promise<{ readonly shape: readonly number[] }>
  dispose(): Promise<void>
}

/** Where a page keeps its embedder between calls. */
export interface EmbedderWindow {
  embedder: PageEmbedder
}

/**
 * Loads the default model in a page.
 *
 * @param page - A page of the examples' server.
 * @param url - The server.
 */
export async function loadInPage(page: Page, url: string, options: object): Promise<void> {
  await page.goto(`${url}/blank/`)
  await page.evaluate(async (loadOptions) => {
    const from = (path: string): Promise<never> => import(path) as Promise<never>
    const { load } = await from('/packages/nestling/index.js')
    const { minilmL6 } = await from('/packages/minilm-l6/index.js')
    const embedder: never = await (load as (...args: unknown[]) => Promise<never>)(minilmL6, loadOptions)
    Object.assign(globalThis, { embedder })
  }, options)
}
