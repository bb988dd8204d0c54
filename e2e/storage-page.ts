import type { Frame, Page } from 'playwright'

/** Milliseconds in which a call must be answered where the browser refuses something: a refusal is an answer. */
const AT_ONCE_MS = 20_000

/** What pages of these tests use of the packages; its types end at the page's border. */
export interface StorageWindow {
  readonly nestling: {
    load(model: string, options?: object): Promise<PageEmbedder>
    plan(model: string, options?: object): Promise<{ readonly isCached: boolean }>
    readonly modelCache: {
      list(): Promise<readonly unknown[]>
      clear(): Promise<void>
      delete(key: string): Promise<boolean>
      import(file: Blob): Promise<unknown>
    }
    readonly embeddingCache: { stats(): Promise<{ readonly storedVectors: number }>; clear(): Promise<void> }
  }
  createIndex(options: object): Promise<PageIndex>
  /** Options that start each worker from a blob: a frame without an origin may start none by its URL. */
  readonly workers: { readonly nestling: object; readonly search: object }
  embedder: PageEmbedder
  index: PageIndex
}

interface PageEmbedder {
  encode(texts: readonly string[]): Promise<{ readonly data: Float32Array }>
  stats(): Promise<{ readonly embeddings: { readonly storedVectors: number; readonly hits: number } }>
  dispose(): Promise<void>
  readonly report: {
    readonly cache: { readonly storage: string; readonly reason: string | undefined; readonly weights: string }
    readonly warnings: readonly { readonly kind: string }[]
  }
}

interface PageIndex {
  add(documents: readonly object[]): Promise<void>
  update(documents: readonly object[]): Promise<void>
  search(query: string | Float32Array, options?: object): Promise<readonly { readonly id: number }[]>
  stats(): Promise<{ readonly documents: number; readonly storage: string }>
  export(): Promise<Blob>
  dispose(): Promise<void>
}

/**
 * Imports both packages into a page or a frame.
 *
 * @param frame - Where; its document has an import map.
 * @param url - The server.
 */
export async function importPackages(frame: Page | Frame, url: string): Promise<void> {
  await frame.evaluate(async (origin) => {
    const from = (path: string): Promise<never> => import(origin + path) as Promise<never>
    const { createIndex } = await from('/search/index.js')
    const scriptOf = async (path: string): Promise<string> =>
      URL.createObjectURL(new Blob([await (await fetch(origin + path)).text()], { type: 'text/javascript' }))
    const scripts = [await scriptOf('/nestling/worker.js'), await scriptOf('/search/search-worker.js')]
    const start = (script: string | undefined) => ({ worker: () => new Worker(script ?? '') })
    const workers = { nestling: start(scripts[0]), search: start(scripts[1]) }
    Object.assign(globalThis, { nestling: await from('/nestling/index.js'), createIndex, workers })
  }, url)
}

/**
 * Fails where work takes too long.
 *
 * @returns What it gives.
 */
export function atOnce<T>(work: Promise<T>): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      setTimeout(() => {
        reject(new Error(`Nothing came within ${AT_ONCE_MS} ms`))
      }, AT_ONCE_MS)
    }),
  ])
}
