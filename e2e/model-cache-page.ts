import type { Page } from 'playwright'

/** What pages of these tests use of the package; its types end at the page's border. */
export interface NestlingWindow {
  readonly nestling: {
    load(model: unknown, options?: object): Promise<PageEmbedder>
    readonly modelCache: PageModelCache
    readonly embeddingCache: {
      verify(): Promise<{ readonly wholeVectors: number; readonly deletedVectors: number }>
    }
  }
  readonly minilmL6: unknown
}

interface PageEmbedder {
  encode(texts: string | readonly string[], options?: object): Promise<{ readonly data: Float32Array }>
  dispose(): Promise<void>
  readonly report: {
    readonly cache: { readonly storage: string; readonly reason: string | undefined; readonly weights: string }
    readonly warnings: readonly { readonly kind: string }[]
  }
}

interface PageModelCache {
  list(): Promise<readonly { readonly key: string; readonly isComplete: boolean; readonly sizeBytes: number }[]>
  verify(): Promise<{ readonly isOk: boolean; readonly models: readonly unknown[]; readonly orphanChunks: number }>
  export(key: string): Promise<Blob>
  import(file: Blob): Promise<{ readonly key: string }>
  clear(): Promise<void>
}

/** What a load gave. */
export interface LoadOutcome {
  /** The error's code, or nothing. */
  readonly failure: string | undefined
  readonly storage: string | undefined
  readonly reason: string | undefined
  readonly weights: string | undefined
  readonly warnings: readonly string[]
  /** Bytes that `onProgress` told, in order, each once. */
  readonly loadedBytes: readonly number[]
  /** First components of the vector of «It is well.» */
  readonly vector: readonly number[]
}

/**
 * Opens an empty page with the package in it.
 *
 * @param url - The server.
 */
export async function openPage(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/blank/`)
  await page.evaluate(async () => {
    const from = (path: string): Promise<never> => import(path) as Promise<never>
    const { minilmL6 } = await from('/packages/minilm-l6/index.js')
    Object.assign(globalThis, { nestling: await from('/packages/nestling/index.js'), minilmL6 })
  })
}

/**
 * Loads a model and encodes one text.
 *
 * @param page - A page of {@link openPage}.
 * @param model - URL of its folder.
 * @param cache - The option `cache`.
 * @returns What became of it.
 */
export function loadAndEncode(page: Page, model: string, cache: object | false = {}): Promise<LoadOutcome> {
  return page.evaluate(
    async ([source, cacheOptions]) => {
      const { nestling } = globalThis as unknown as NestlingWindow
      const loadedBytes: number[] = []
      const onProgress = (event: { readonly loadedBytes?: number }): void => {
        if (event.loadedBytes !== undefined && loadedBytes.at(-1) !== event.loadedBytes)
          loadedBytes.push(event.loadedBytes)
      }
      try {
        const embedder = await nestling.load(source, { device: 'wasm', cache: cacheOptions, onProgress })
        const { data } = await embedder.encode('It is well.')
        const { cache: report, warnings } = embedder.report
        await embedder.dispose()
        const kinds = warnings.map(({ kind }) => kind)
        return { failure: undefined, ...report, warnings: kinds, loadedBytes, vector: [...data.slice(0, 8)] }
      } catch (error) {
        const failure = String((error as { readonly code?: string }).code ?? error)
        const nothing = { storage: undefined, reason: undefined, weights: undefined }
        return { failure, ...nothing, warnings: [], loadedBytes, vector: [] }
      }
    },
    [model, cache] as const,
  )
}

/**
 * Verifies what is stored.
 *
 * @param page - A page of {@link openPage}.
 * @returns Verdict and keys of whole models.
 */
export function verifyInPage(page: Page): Promise<{
  readonly isOk: boolean
  readonly whole: readonly string[]
  readonly storedBytes: number
  readonly report: string
}> {
  return page.evaluate(async () => {
    const { modelCache } = (globalThis as unknown as NestlingWindow).nestling
    const verification = await modelCache.verify()
    const models = await modelCache.list()
    return {
      isOk: verification.isOk,
      whole: models.filter(({ isComplete }) => isComplete).map(({ key }) => key),
      storedBytes: models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      report: JSON.stringify(verification),
    }
  })
}

/**
 * Hashes a file of a stored model, read from its export as docs/model-file.md describes it.
 *
 * @param page - A page of {@link openPage}.
 * @returns SHA-256 in hex.
 */
export function digestOfStored(page: Page, key: string, path: string): Promise<string> {
  return page.evaluate(
    async ([model, wanted]) => {
      const { modelCache } = (globalThis as unknown as NestlingWindow).nestling
      const file = await modelCache.export(model)
      const head = new DataView(await file.slice(0, 16).arrayBuffer())
      const filesStart = 16 + head.getUint32(12, true)
      const { files } = JSON.parse(await file.slice(16, filesStart).text()) as {
        readonly files: readonly { readonly path: string; readonly sizeBytes: number }[]
      }
      let start = filesStart
      for (const { path: name, sizeBytes } of files) {
        if (name === wanted) {
          const digest = await crypto.subtle.digest('SHA-256', await file.slice(start, start + sizeBytes).arrayBuffer())
          return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
        }
        start += sizeBytes
      }
      return `no file ${wanted}`
    },
    [key, path] as const,
  )
}
