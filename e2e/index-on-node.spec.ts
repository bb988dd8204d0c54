import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIndex, type CreateIndexOptions, type SearchIndex } from '@nestling/search'
import type { Page } from 'playwright'
import { expect, test } from 'playwright/test'
import { serve } from '../tools/serve.mjs'

const ROOT = join(import.meta.dirname, '..')
const DIM = 24

let server: Awaited<ReturnType<typeof serve>>
let folder: string

test.beforeEach(async ({ page }) => {
  const packages = ['nestling', 'search'].map((name) => [`/${name}`, join(ROOT, 'packages', name, 'dist')])
  const pages = ['/page', join(import.meta.dirname, 'pages')]
  server = await serve({ roots: Object.fromEntries([...packages, pages]) as Record<string, string>, port: 0 })
  folder = mkdtempSync(join(tmpdir(), 'nestling-index-on-node-'))
  await page.goto(`${server.url}/page/search.html`)
})
test.afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Documents and queries that both sides are given: numbers of a generator, so that no two scores are the same. */
function makeData(): Data {
  let state = 7
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const vector = (): number[] => Array.from({ length: DIM }, () => Math.fround(next() - 0.5))
  const words = ['birds', 'sing', 'early', 'spring', 'tax', 'due', 'may', 'Äpfel', '東京', 'wing']
  const text = (length: number): string =>
    Array.from({ length }, () => words[Math.floor(next() * words.length)]).join(' ')
  // Each of a length of its own, or two would have the same score by words.
  const documents = Array.from({ length: 80 }, (_, id) => ({
    id: id % 5 === 0 ? `text-${id}` : id,
    ...(id % 7 === 0 ? {} : { text: text(4 + id) }),
    metadata: { kind: `kind ${id % 3}`, list: [text(2 + id)], deep: { half: id / 2 } },
  }))
  return {
    documents,
    embeddings: documents.flatMap(vector),
    queries: Array.from({ length: 5 }, () => ({ text: text(6), embedding: vector() })),
  }
}

interface Data {
  readonly documents: readonly { readonly id: string | number; readonly text?: string; readonly metadata: object }[]
  readonly embeddings: readonly number[]
  readonly queries: readonly { readonly text: string; readonly embedding: readonly number[] }[]
}

type Options = Pick<CreateIndexOptions, 'precision' | 'scoring' | 'store' | 'fields'>

/** What one side found, and the file that it made. */
interface Answers {
  readonly hits: readonly unknown[]
  readonly file: string
}

/**
 * Makes an index of a file, or of the documents, and asks it. It is sent to the page too: it may use nothing from outside.
 *
 * @param create - `createIndex`, as the side has it.
 */
async function answersOf(
  create: typeof createIndex,
  { data, options, file }: { readonly data: Data; readonly options: Options; readonly file: string | undefined },
): Promise<Answers> {
  const index: SearchIndex = await create(options)
  if (file === undefined) {
    await index.add(data.documents as never, { embeddings: Float32Array.from(data.embeddings) as never })
  } else await index.import(Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0)))
  const hits: unknown[] = [await index.ids()]
  for (const { text, embedding } of data.queries) {
    const vector = Float32Array.from(embedding)
    for (const filter of [undefined, { kind: 'kind 1' }]) {
      const search = { topK: 20, filter, explain: true }
      hits.push(await index.search(vector, search))
      hits.push(await index.search(text, { ...search, mode: 'keywords' }))
      hits.push(await index.search({ text, embedding: vector }, { ...search, mode: 'hybrid' }))
    }
  }
  // Browsers and Node differ in the last bits of logarithms, of which the scores of words are made.
  const rounded = JSON.stringify(hits, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(12)) : value,
  )
  const bytes = new Uint8Array(await (await index.export()).arrayBuffer())
  await index.dispose()
  return {
    hits: JSON.parse(rounded) as unknown[],
    file: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')),
  }
}

function inPage(page: Page, given: Parameters<typeof answersOf>[1]): Promise<Answers> {
  return page.evaluate(
    async ([code, values]) => {
      const from = (path: string): Promise<{ createIndex: unknown }> =>
        import(path) as Promise<{ createIndex: unknown }>
      const { createIndex: create } = await from('/search/index.js')
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the same code as on the other side
      const make = new Function(`return ${code}`) as () => (create: unknown, values: unknown) => Promise<Answers>
      return make()(create, values)
    },
    [answersOf.toString(), given] as const,
  )
}

const CASES: readonly Options[] = [
  {},
  { precision: 'int8' },
  { precision: 'binary', fields: { kind: { boost: 2 }, list: {} } },
  { scoring: 'binary' },
]

for (const options of CASES) {
  test(`an index of Node and one of a page are the same file and give the same answers: ${JSON.stringify(options)}`, async ({
    page,
  }) => {
    const data = makeData()
    const store = join(folder, 'index')
    const here = await answersOf(createIndex, { data, options: { ...options, store }, file: undefined })
    const there = await inPage(page, { data, options: { ...options, store: 'index' }, file: undefined })
    expect(here.hits.flat().length).toBeGreaterThan(500)
    expect(there).toEqual(here)
    // Each one's file on the other side; that of Node by way of the disk.
    const path = join(folder, 'notes.index')
    await writeFile(path, Buffer.from(here.file, 'base64'))
    const written = (await readFile(path)).toString('base64')
    expect(await inPage(page, { data, options, file: written })).toEqual(here)
    expect(await answersOf(createIndex, { data, options, file: there.file })).toEqual(here)
  })
}
