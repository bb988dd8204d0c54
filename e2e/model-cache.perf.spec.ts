import { expect, test } from 'playwright/test'
import { traceScriptTasks } from '../tools/script-tasks.ts'
import { loadAndEncode, openPage, type NestlingWindow } from './model-cache-page.ts'
import { startModelServer, type ModelServer } from './model-server.ts'

const MODEL = '/models/minilm/'

let server: ModelServer

test.beforeEach(async () => {
  server = await startModelServer()
})
test.afterEach(() => server.close())

test('no call of modelCache holds the page up for 10 ms', async ({ browser, page }) => {
  await openPage(page, server.url)
  const key = `url:${server.url}${MODEL}`
  expect(await loadAndEncode(page, MODEL)).toMatchObject({ failure: undefined })
  const { result, tasks } = await traceScriptTasks(browser, server.url, () =>
    page.evaluate(async (stored) => {
      const { modelCache } = (globalThis as unknown as NestlingWindow).nestling
      const started = performance.now()
      const { isOk } = await modelCache.verify()
      const verified = performance.now()
      const file = await modelCache.export(stored)
      const exported = performance.now()
      await modelCache.clear()
      const { key: imported } = await modelCache.import(file)
      const end = performance.now()
      return { isOk, imported, ms: [verified - started, exported - verified, end - exported], sizeBytes: file.size }
    }, key),
  )
  expect(result).toMatchObject({ isOk: true, imported: key })
  // Without any the trace would prove nothing.
  expect(tasks.length).toBeGreaterThan(10)
  const longest = tasks[0]?.threadMs ?? Infinity
  const [verify, exporting, importing] = result.ms.map((ms) => ms.toFixed(0))
  console.log(
    `${(result.sizeBytes / 1e6).toFixed(0)} MB: verify ${verify ?? ''} ms, export ${exporting ?? ''} ms, import ${importing ?? ''} ms; longest main-thread task ${longest.toFixed(2)} ms of thread time, of ${tasks.length}`,
  )
  expect(longest).toBeLessThan(10)
})
