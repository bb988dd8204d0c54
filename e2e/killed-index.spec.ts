import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { serve } from '../tools/serve.mjs'
import { KillableBrowser } from '../tools/killable-browser.ts'

const ROOT = join(import.meta.dirname, '..')
const ROUNDS = 6

/** Documents of a change: enough for writes of some hundred milliseconds. */
const DOCUMENTS = 20_000

/** What these pages use of the package; its types end at the page's border. */
interface SearchWindow {
  createIndex(options: object): Promise<PageIndex>
}

interface PageIndex {
  update(documents: readonly object[], options: object): Promise<void>
  search(query: Float32Array, options: object): Promise<readonly { readonly id: number; readonly metadata: object }[]>
  stats(): Promise<{ readonly documents: number; readonly rows: number }>
}

let server: Awaited<ReturnType<typeof serve>>
let profile: string

test.beforeEach(async () => {
  const packages = ['nestling', 'search'].map((name) => [`/${name}`, join(ROOT, 'packages', name, 'dist')])
  const pages = ['/page', join(import.meta.dirname, 'pages')]
  server = await serve({ roots: Object.fromEntries([...packages, pages]) as Record<string, string>, port: 0 })
  profile = mkdtempSync(join(tmpdir(), 'nestling-index-'))
})
test.afterEach(async () => {
  await server.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
})

/** Opens the profile after a kill, hands its page over, and kills it again. */
async function inBrowser<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const browser = await KillableBrowser.start(profile)
  try {
    const page = await browser.newPage()
    await page.goto(`${server.url}/page/search.html`)
    await page.evaluate(async () => {
      const from = (path: string): Promise<SearchWindow> => import(path) as Promise<SearchWindow>
      const { createIndex } = await from('/search/index.js')
      Object.assign(globalThis, { createIndex })
    })
    return await work(page)
  } finally {
    await browser.kill()
  }
}

/** Rounds whose documents the index has; one entry where it is whole. */
function roundsIn(page: Page): Promise<{ readonly documents: number; readonly rounds: readonly number[] }> {
  return page.evaluate(async () => {
    const { createIndex } = globalThis as unknown as SearchWindow
    const index = await createIndex({ store: 'killed' })
    const { documents } = await index.stats()
    const hits = documents === 0 ? [] : await index.search(new Float32Array([1, 0, 0, 0]), { topK: documents })
    const rounds = [...new Set(hits.map(({ metadata }) => (metadata as { round: number }).round))]
    return { documents, rounds }
  })
}

test(`a browser that is killed at ${ROUNDS} moments of index writes leaves a whole index`, async () => {
  const found: string[] = []
  let last = 0
  for (let round = 1; round <= ROUNDS; round++) {
    await inBrowser(async (page) => {
      const { documents, rounds } = await roundsIn(page)
      // Every change replaces all documents: those of two rounds at once would be half a change.
      expect(rounds.length).toBeLessThanOrEqual(1)
      expect(documents).toBe(rounds.length * DOCUMENTS)
      const [newest = 0] = rounds
      expect(newest).toBeGreaterThanOrEqual(last)
      last = newest
      found.push(String(newest))
      await page.evaluate(
        async ([count, current]) => {
          const { createIndex } = globalThis as unknown as SearchWindow
          const index = await createIndex({ store: 'killed' })
          const embeddings = Float32Array.from({ length: count * 4 }, (_, place) => Math.sin(place * current))
          const documents = Array.from({ length: count }, (_, id) => ({ id, metadata: { round: current } }))
          void index.update(documents, { embeddings })
        },
        [DOCUMENTS, round] as const,
      )
      await new Promise((resolve) => setTimeout(resolve, 100 + round * 150))
    })
  }
  await inBrowser(async (page) => {
    const { documents, rounds } = await roundsIn(page)
    expect(rounds.length).toBeLessThanOrEqual(1)
    expect(documents).toBe(rounds.length * DOCUMENTS)
    found.push(String(rounds[0] ?? 0))
  })
  // Some writes must have been whole, or nothing was tested.
  expect(Number(found.at(-1))).toBeGreaterThan(0)
  console.log(`index writes killed ${ROUNDS} times; newest whole change found each time: ${found.join(', ')}`)
})
