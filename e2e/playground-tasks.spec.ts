import { expect, test } from 'playwright/test'
import { traceScriptTasks } from '../tools/script-tasks.ts'
import { serveExamples, type TestServer } from './example-server.ts'

const LIMIT_MS = 10

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(true)
})
test.afterAll(() => server.close())

test(`no task of the playground takes over ${LIMIT_MS} ms of thread time while it compares, searches, draws and evaluates`, async ({
  page,
  browser,
}) => {
  await page.goto(`${server.url}/playground/?device=wasm`)
  await expect(page.locator('html')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })
  for (const id of ['search', 'map', 'evaluate', 'compare']) {
    await page.locator(`nav.panels a[href="#/${id}"]`).click()
    await expect(page.locator(`#panel-${id}`)).toBeVisible()
  }
  // The page acts by itself, as what drives it from outside would be in the trace too.
  const acting = page.evaluate(async () => {
    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    const part = (selector: string): HTMLInputElement => {
      const found = document.querySelector<HTMLInputElement>(selector)
      if (found === null) throw new Error(`Cannot act as ${selector} is missing`)
      return found
    }
    const until = async (selector: string): Promise<void> => {
      while (document.querySelector(selector) === null) await pause(50)
    }
    const type = (selector: string, value: string): void => {
      part(selector).value = value
      part(selector).dispatchEvent(new Event('input', { bubbles: true }))
    }
    await pause(1000)
    for (let dim = 384; dim >= 16; dim -= 16) {
      type('#compare-dim', String(dim))
      await pause(30)
    }
    location.hash = '#/search'
    await pause(300)
    part('#panel-search [data-part=index]').click()
    while (!/indexed in/.test(part('#panel-search [data-part=message]').textContent)) await pause(50)
    for (const query of ['b', 'bread', 'bread stays', 'bread stays flat']) {
      type('#search-query', query)
      await pause(60)
    }
    await until('.hit')
    location.hash = '#/map'
    await pause(300)
    part('#panel-map [data-part=draw]').click()
    await pause(1500)
    document.querySelectorAll('.map-point')[5]?.dispatchEvent(new MouseEvent('click'))
    await until('.nearest li')
    location.hash = '#/evaluate'
    await pause(300)
    part('#panel-evaluate [data-part=run]').click()
    await until('#panel-evaluate [data-part=table] tbody tr')
    await pause(200)
  })
  const { tasks } = await traceScriptTasks(browser, server.url, () => acting)
  // Without any the trace would prove nothing.
  expect(tasks.length).toBeGreaterThan(50)
  const [largest] = tasks
  console.log(`largest main-thread task: ${largest?.threadMs.toFixed(2)} ms of thread time, of ${tasks.length} tasks`)
  expect(largest?.threadMs).toBeLessThan(LIMIT_MS)
})
