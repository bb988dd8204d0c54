import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page, TestInfo } from 'playwright/test'
import { expect, test } from 'playwright/test'
import { HUB_TOKEN, hubModels } from '../packages/testing/src/hub-models.ts'
import { startHubServer } from '../packages/testing/src/hub-server.ts'
import { seriousViolations } from './axe.ts'
import { serveExamples, type TestServer } from './example-server.ts'
import { readPaintRecord, watchLayoutShift } from './layout-shift.ts'
import { waitUntilReady } from './wait-until-ready.ts'

const PANELS = ['compare', 'search', 'map', 'models', 'evaluate', 'benchmark', 'report'] as const
const WIDE = { width: 1280, height: 900 }
const NARROW = { width: 360, height: 740 }
const MOST_SHIFT = 0.02
const TINY_MODEL = join(import.meta.dirname, '../packages/testing/fixtures/models/bert-mean-normalize')

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(true)
})
test.afterAll(() => server.close())

async function showPanel(page: Page, id: (typeof PANELS)[number]): Promise<Locator> {
  const panel = page.locator(`#panel-${id}`)
  await page.locator(`nav.panels a[href="#/${id}"]`).click()
  await expect(panel).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  return panel
}

/** Saves the panel in light, in dark and at 360 px, and looks for what shuts people out. */
async function inspect(page: Page, info: TestInfo, id: string): Promise<void> {
  const shoot = (name: string): Promise<Buffer> =>
    page.screenshot({ path: info.outputPath(`${id}-${name}.png`), fullPage: true })
  await shoot('light')
  const violations = [...(await seriousViolations(page))]
  await page.emulateMedia({ colorScheme: 'dark' })
  await shoot('dark')
  await page.setViewportSize(NARROW)
  violations.push(...(await seriousViolations(page)))
  await page.emulateMedia({ colorScheme: 'light' })
  await shoot('360')
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  )
  expect.soft(overflow, `${id} is wider than 360 px`).toBeLessThanOrEqual(0)
  await page.setViewportSize(WIDE)
  expect.soft(violations, id).toEqual([])
}

/** Drops files or folders of the disk, as the system's file manager does. */
async function dropFiles(zone: Locator, files: readonly string[]): Promise<void> {
  await zone.scrollIntoViewIfNeeded()
  const box = await zone.boundingBox()
  if (box === null) throw new Error('Cannot drop files as their zone is not visible')
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const session = await zone.page().context().newCDPSession(zone.page())
  const data = { items: [], files: [...files], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...place, data })
  }
  await session.detach()
}

test('every panel of the playground does what it says, looks right, and shuts nobody out', async ({ page }, info) => {
  const foreign: string[] = []
  const problems: string[] = []
  page.on('request', (request) => {
    if (!/^(?:blob|data):/.test(request.url()) && !request.url().startsWith(server.url)) foreign.push(request.url())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.setViewportSize(WIDE)
  await page.goto(`${server.url}/playground/`)
  await waitUntilReady(page)

  await test.step('Compare: shorter vectors change the matrix and take fewer bytes', async () => {
    const panel = page.locator('#panel-compare')
    const cell = panel.locator('tbody tr').nth(0).locator('td').nth(1)
    await expect(cell).toHaveText(/^\.\d\d$/)
    const full = await cell.textContent()
    // The two sentences about the late train.
    expect(Number(full)).toBeGreaterThan(0.5)
    await expect(panel.getByText('1536 as float32, 384 as int8, 48 as bits')).toBeVisible()
    await panel.getByLabel('Components', { exact: true }).fill('16')
    await expect(panel.getByText('64 as float32, 16 as int8, 2 as bits')).toBeVisible()
    await expect(cell).not.toHaveText(full ?? '')
    await cell.focus()
    await page.keyboard.press('ArrowDown')
    await expect(panel.locator('tbody tr').nth(1).locator('td').nth(1)).toBeFocused()
    await expect(panel.locator('[data-part=cell]')).toContainText('1.000')
    await inspect(page, info, 'compare')
    await panel.getByLabel('Sentences').fill('One.\nTwo.')
    await expect(panel.locator('tbody tr')).toHaveCount(2)
  })

  await test.step('Search: pasted text and a dropped file are found, with all switches', async () => {
    const panel = await showPanel(page, 'search')
    const file = {
      name: 'bees.md',
      mimeType: 'text/markdown',
      buffer: Buffer.from(
        '# Bees\n\nDrones die in autumn.\n\nA queen lays two thousand eggs a day. The hive is loud in June.\n',
      ),
    }
    const picture = { name: 'bees.png', mimeType: 'image/png', buffer: Buffer.from([137, 80, 78, 71, 0]) }
    await panel.locator('input[type=file]').setInputFiles([picture, file])
    await expect(panel.getByText('bees.md (2)')).toBeVisible()
    await expect(panel.getByText('Cannot read bees.png as it must be a text or Markdown in UTF-8')).toBeVisible()
    await panel.getByRole('button', { name: 'Index', exact: true }).click()
    await expect(panel.getByText(/^50 paragraphs indexed in/)).toBeVisible({ timeout: 60_000 })
    const first = panel.locator('.hit').first()
    await panel.getByLabel('What are you looking for?').fill('how many young does she have')
    await expect(first).toContainText('A queen lays two thousand eggs a day.')
    await expect(first.locator('mark').first()).toHaveText('A queen lays two thousand eggs a day.')
    await panel.getByLabel('What are you looking for?').fill('why does my bread stay flat')
    await expect(first).toContainText('Dough that will not rise')
    await panel.getByLabel(/Hybrid/).check()
    await panel.getByLabel(/Funnel/).check()
    await expect(panel.locator('.hit mark.word').first()).toHaveText('bread')
    await expect(panel.getByText(/ms: .* to encode, .* to search 50 paragraphs/)).toBeVisible()
    await inspect(page, info, 'search')
  })

  await test.step('Map: dots, hover, keyboard, selection', async () => {
    const panel = await showPanel(page, 'map')
    await expect(panel.getByRole('option')).toHaveCount(48, { timeout: 60_000 })
    await panel.getByRole('option', { name: /A loaf is done/ }).click()
    await expect(panel.locator('.nearest li')).toHaveCount(6)
    await expect(panel.locator('.nearest')).toContainText(/bread|[Dd]ough|flour/)
    await page.keyboard.press('ArrowLeft')
    await expect(page.locator('.map-point:focus')).toHaveCount(1)
    await expect(panel.locator('[data-part=hover]')).not.toContainText('A loaf is done')
    await page.keyboard.press('Enter')
    await expect(panel.locator('.map-point:focus')).toHaveAttribute('aria-selected', 'true')
    await inspect(page, info, 'map')
  })

  await test.step('Evaluate: a dropped file, the table, the chart, the downloads', async () => {
    const panel = await showPanel(page, 'evaluate')
    await expect(panel.getByText('Our own: 20 pairs')).toBeVisible()
    const csv = readFileSync(join(import.meta.dirname, '../examples/playground/src/panels/evaluate/sample-pairs.csv'))
    const data = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], 'mine.csv', { type: 'text/csv' }))
      return transfer
    }, csv.toString())
    await panel.locator('[data-part=drop]').dispatchEvent('drop', { dataTransfer: data })
    await expect(panel.getByText('mine.csv: 20 pairs')).toBeVisible()
    await panel.getByRole('button', { name: 'Evaluate' }).click()
    await expect(panel.locator('[data-part=table] tbody tr')).toHaveCount(6, { timeout: 60_000 })
    await expect(panel.getByRole('img', { name: /384 components: 0\.\d/ })).toBeVisible()
    expect(Number(await panel.locator('tr[data-dim="384"] td').first().textContent())).toBeGreaterThan(0.5)
    for (const [button, name] of [
      ['as CSV', 'matryoshka.csv'],
      ['Chart as SVG', 'quality-by-dim.svg'],
    ] as const) {
      const download = page.waitForEvent('download')
      await panel.getByRole('button', { name: button }).click()
      expect((await download).suggestedFilename()).toBe(name)
    }
    await inspect(page, info, 'evaluate')
  })

  await test.step('Benchmark: measures in this browser', async () => {
    const panel = await showPanel(page, 'benchmark')
    await panel.getByRole('button', { name: 'Measure' }).click()
    await expect(panel.getByText('Measured', { exact: true })).toBeVisible({ timeout: 60_000 })
    await expect(panel.locator('tbody tr')).toHaveCount(4)
    await expect(panel.locator('tbody tr').first()).toHaveText(/Short query\d+\.\d ms/)
    await expect(panel.locator('tbody tr').last()).toHaveText(/Cold start\d/)
    await inspect(page, info, 'benchmark')
  })

  await test.step('Report: copied as JSON', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const panel = await showPanel(page, 'report')
    await expect(panel.getByRole('heading', { name: 'Certificate' })).toBeVisible({ timeout: 20_000 })
    await panel.getByRole('button', { name: 'Copy as JSON' }).click()
    await expect(panel.getByText('Copied')).toBeVisible()
    const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as Record<string, never>
    expect(Object.keys(report)).toEqual(['browser', 'support', 'model', 'report', 'stats', 'cache', 'memory'])
    expect(report['report']).toMatchObject({ device: 'wasm', verified: true })
    await inspect(page, info, 'report')
  })

  await test.step('Models: sizes before download, another model, and what is kept', async () => {
    const panel = await showPanel(page, 'models')
    await expect(panel.getByText('Kept in this browser: nothing to download.')).toBeVisible()
    const row = panel.locator('.cached-models li').first()
    await panel.getByRole('button', { name: /^Verify/ }).click()
    await expect(row).toContainText('whole, verified')
    await inspect(page, info, 'models')
    const saved = page.waitForEvent('download')
    await panel.getByRole('button', { name: /^Export/ }).click()
    const file = await (await saved).path()
    await panel.getByRole('button', { name: /^Delete/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await expect(panel.getByText('No model is kept yet')).toBeVisible()
    await panel.locator('[data-part=import]').setInputFiles(file)
    await expect(panel.getByText(/was imported: 24/)).toBeVisible({ timeout: 20_000 })
    await expect(panel.locator('.cached-models li[data-key]')).toHaveCount(1)
    const chosen = panel.getByText(/bert-mean-normalize\. On this device: nothing to download/)
    await panel.locator('[data-part=folder]').setInputFiles(TINY_MODEL)
    await expect(chosen).toBeVisible()
    await dropFiles(panel.locator('[data-part=drop]'), [join(TINY_MODEL, 'config.json')])
    await expect(panel.getByText('Drop a folder, not a file.')).toBeVisible()
    await dropFiles(panel.locator('[data-part=drop]'), [TINY_MODEL])
    await expect(chosen).toBeVisible()
    await panel.locator('[data-part=folder-load]').click()
    await expect(panel.getByText(/^bert-mean-normalize is ready: 32 components/)).toBeVisible({ timeout: 60_000 })
    await showPanel(page, 'compare')
    await expect(page.locator('#panel-compare').getByText('128 as float32')).toBeVisible()
  })

  expect(foreign).toEqual([])
  expect(problems).toEqual([])
})

test('a model of a hub: its size before the download, the load, and what is wrong', async ({ page }) => {
  const hub = await startHubServer(hubModels())
  try {
    await page.goto(`${server.url}/playground/#/models`)
    await waitUntilReady(page)
    const panel = page.locator('#panel-models')
    const message = panel.locator('[data-part=message]')
    const [size, load] = ['Size', 'Load'].map((name) =>
      panel.locator('[data-part=hub-form]').getByRole('button', { name, exact: true }),
    ) as [Locator, Locator]
    await panel.getByText('Revision, server, token').click()
    await panel.getByLabel('Server').fill(hub.url)
    await panel.getByLabel('Model id').fill('tiny/bert')
    await size.click()
    const kilobytes = Math.round(statSync(join(TINY_MODEL, 'model.safetensors')).size / 1000)
    await expect(panel.locator('[data-part=hub-plan]')).toContainText(`Weights: ${kilobytes} kB. `)
    const asked = hub.requests.map(({ path }) => path)
    expect(asked).toContain('/api/models/tiny/bert/tree/main')
    expect(asked.filter((path) => /\.safetensors$|tokenizer/.test(path))).toEqual([])
    await load.click()
    await expect(message).toHaveText(/^tiny\/bert is ready: 32 components/, { timeout: 60_000 })
    await expect(panel.locator('.cached-models li[data-key]', { hasText: 'tiny/bert' })).toHaveCount(1)

    await panel.getByLabel('Model id').fill('tiny/private')
    await size.click()
    await expect(message).toContainText('401')
    await load.click()
    await expect(message).toContainText(/token/)
    await panel.getByLabel('Token for a private model').fill(HUB_TOKEN)
    await load.click()
    await expect(message).toHaveText(/^tiny\/private is ready: 32 components/, { timeout: 60_000 })
    // A model that cannot be loaded leaves the page with the one that it has.
    await panel.getByLabel('Model id').fill('tiny/pickle')
    await load.click()
    await expect(message).toContainText(/safetensors/)
    await showPanel(page, 'compare')
    await expect(page.locator('#panel-compare').getByText('128 as float32')).toBeVisible()
  } finally {
    await hub.close()
  }
})

test('nothing moves while a panel loads, and the page is seen before the model is there', async ({ page }) => {
  await watchLayoutShift(page)
  const measured: string[] = []
  for (const [index, id] of PANELS.entries()) {
    await page.setViewportSize(index % 2 === 0 ? NARROW : WIDE)
    await page.goto(`${server.url}/playground/?at=${id}#/${id}`)
    await expect(page.locator(`#panel-${id}`)).toBeVisible()
    await waitUntilReady(page)
    await page.waitForTimeout(300)
    const { shift, moved, firstPaintMs } = await readPaintRecord(page)
    const readyMs = await page.evaluate(() => performance.getEntriesByName('model-ready')[0]?.startTime ?? 0)
    measured.push(
      `${id}: shift ${shift.toFixed(4)}, paint ${firstPaintMs.toFixed(0)} ms, model ${readyMs.toFixed(0)} ms`,
    )
    expect.soft(shift, `${id}: ${moved.join(' ')}`).toBeLessThan(MOST_SHIFT)
    expect.soft(firstPaintMs).toBeLessThan(readyMs)
    const firstModelFile = await page.evaluate(() => {
      const files = performance.getEntriesByType('resource').filter(({ name }) => /nestling|worker|minilm/.test(name))
      return Math.min(...files.map(({ startTime }) => startTime))
    })
    expect.soft(firstPaintMs).toBeLessThanOrEqual(firstModelFile)
  }
  console.log(measured.join('\n'))
})
