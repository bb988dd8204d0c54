import { expect, test } from 'playwright/test'
import { traceScriptTasks } from '../tools/script-tasks.ts'
import { serveExamples, type TestServer } from './example-server.ts'

const LIMIT_MS = 10

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(true)
})
test.afterAll(() => server.close())

test(`no task of the playground takes over ${LIMIT_MS} ms of thread time while it compares, indexes, searches and evaluates`, async ({
  page,
  browser,
}) => {
  await page.goto(`${server.url}/playground/?device=wasm`)
  await expect(page.locator('html')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })
  for (const id of ['search', 'map', 'evaluate', 'compare']) {
    await page.locator(`nav.panels a[href="#/${id}"]`).click()
    await expect(page.locator(`#panel-${id}`)).toBeVisible()
  }
  const cases: Readonly<Record<string, () => Promise<void>>> = {
    slider: async () => {
      const slider = page.getByLabel('Components of a vector')
      await slider.focus()
      for (let step = 0; step < 20; step++) await page.keyboard.press('ArrowLeft')
      await expect(page.getByText('256 as float32, 64 as int8, 8 as bits')).toBeVisible()
    },
    search: async () => {
      await page.locator('nav.panels a[href="#/search"]').click()
      await page.getByRole('button', { name: 'Index', exact: true }).click()
      await expect(page.getByText(/paragraphs indexed in/)).toBeVisible({ timeout: 60_000 })
      await page.getByLabel('What are you looking for?').pressSequentially('bread stays flat', { delay: 30 })
      await expect(page.locator('.hit').first()).toBeVisible()
    },
    map: async () => {
      await page.locator('nav.panels a[href="#/map"]').click()
      await page.getByRole('button', { name: 'Draw' }).click()
      await page.waitForTimeout(1500)
      await page.locator('.map-point').nth(5).dispatchEvent('click')
      await expect(page.locator('.nearest li')).toHaveCount(6)
    },
    evaluate: async () => {
      await page.locator('nav.panels a[href="#/evaluate"]').click()
      await page.getByRole('button', { name: 'Evaluate' }).click()
      await expect(page.locator('[data-part=table] tbody tr')).toHaveCount(6, { timeout: 60_000 })
    },
  }
  for (const [name, work] of Object.entries(cases)) {
    const { tasks } = await traceScriptTasks(browser, server.url, work)
    console.log(
      name,
      tasks.length,
      tasks
        .slice(0, 6)
        .map(({ threadMs }) => threadMs.toFixed(1))
        .join(' '),
    )
  }
})
