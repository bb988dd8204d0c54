import { expect, test } from 'playwright/test'
import { traceScriptTasks } from '../tools/script-tasks.ts'
import { serveExamples, type TestServer } from './example-server.ts'

const LIMIT_MS = 10

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(false)
})
test.afterAll(() => server.close())

test(`no main-thread task of ours takes over ${LIMIT_MS} ms of thread time while 500 texts are encoded`, async ({
  page,
  browser,
}) => {
  await page.goto(`${server.url}/blank/`)
  await page.evaluate(async () => {
    const from = (path: string): Promise<never> => import(path) as Promise<never>
    const { load } = await from('/packages/nestling/index.js')
    const { minilmL6 } = await from('/packages/minilm-l6/index.js')
    const embedder: never = await (load as (...args: unknown[]) => Promise<never>)(minilmL6, { device: 'wasm' })
    Object.assign(globalThis, { embedder })
  })
  const { result: shape, tasks } = await traceScriptTasks(browser, server.url, () =>
    page.evaluate(async () => {
      interface Vectors {
        readonly shape: readonly number[]
      }
      interface Embedder {
        encode(texts: string[], options: object): Promise<Vectors>
        similarity(a: Vectors, b: Vectors): Promise<Vectors>
      }
      const { embedder } = globalThis as unknown as { embedder: Embedder }
      const texts = Array.from(
        { length: 500 },
        (_, index) => `Sentence number ${index} about rivers, ferries and bread.`,
      )
      const onProgress = (): void => undefined
      const embeddings = await embedder.encode(texts, { onProgress })
      return (await embedder.similarity(embeddings, embeddings)).shape
    }),
  )
  expect(shape).toEqual([500, 500])
  // Without any the trace would prove nothing.
  expect(tasks.length).toBeGreaterThan(10)
  const largest = tasks[0]
  const line = `largest main-thread task: ${largest?.threadMs.toFixed(2)} ms of thread time, of ${tasks.length} tasks`
  console.log(line)
  test.info().annotations.push({ type: 'measured', description: line })
  expect(largest?.threadMs).toBeLessThan(LIMIT_MS)
})
