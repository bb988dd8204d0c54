import type { Locator, Page } from 'playwright/test'
import { expect, test } from 'playwright/test'
import { hubModels } from '../packages/testing/src/hub-models.ts'
import { startHubServer } from '../packages/testing/src/hub-server.ts'
import { serveExamples, type TestServer } from './example-server.ts'
import { waitUntilReady } from './wait-until-ready.ts'

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(true)
})
test.afterAll(() => server.close())

/** Opens a panel, with a model that is ready. */
async function open(page: Page, id: string): Promise<Locator> {
  await page.goto(`${server.url}/playground/?device=wasm#/${id}`)
  await waitUntilReady(page)
  const panel = page.locator(`#panel-${id}`)
  await expect(panel).toBeVisible()
  return panel
}

/** All texts that a selector ever had, from now on; read them with {@link seenTexts}. */
async function watchTexts(place: Locator): Promise<void> {
  await place.evaluate((element) => {
    const seen: string[] = []
    Object.assign(globalThis, { seenTexts: seen })
    new MutationObserver(() => seen.push(element.textContent)).observe(element, {
      childList: true,
      subtree: true,
      characterData: true,
    })
  })
}

const seenTexts = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => (globalThis as unknown as { seenTexts: string[] }).seenTexts)

test('Search begins with its sample indexed, and finds nothing old while new text is indexed', async ({ page }) => {
  const panel = await open(page, 'search')
  const query = panel.getByLabel('What are you looking for?')
  const hits = panel.locator('.hit')
  await query.fill('why does my bread stay flat')
  await expect(hits.first()).toContainText('Dough that will not rise', { timeout: 60_000 })
  await expect(panel.getByText(/^48 paragraphs indexed in/)).toBeVisible()

  // A paragraph more, and what was found is gone before anything is pressed.
  const paragraphs = Array.from({ length: 300 }, (_, index) => `Ship number ${index} leaves the harbour at dawn.`)
  await panel.getByLabel('Text or Markdown').fill(paragraphs.join('\n\n'))
  await expect(hits).toHaveCount(0)
  await expect(panel.getByText('The text or the files have changed: press Index')).toBeVisible()
  await query.fill('bread')
  await expect(panel.getByText('Results come as soon as the text is indexed')).toBeVisible()
  await watchTexts(panel.locator('[data-part=hits]'))
  await panel.getByRole('button', { name: 'Index', exact: true }).click()
  await expect(panel.getByText(/^300 paragraphs indexed in/)).toBeVisible({ timeout: 60_000 })
  await expect(hits.first()).toContainText('leaves the harbour at dawn')
  expect((await seenTexts(page)).filter((text) => /bread|[Dd]ough/.test(text))).toEqual([])

  // Text that comes while other text is indexed: what is indexed then must not appear as the answer.
  await panel.getByRole('button', { name: 'Index', exact: true }).click()
  await panel.getByLabel('Text or Markdown').fill('The owl hunts at night.')
  await expect(panel.getByText('The text or the files have changed: press Index')).toBeVisible()
  await page.waitForTimeout(1500)
  await expect(hits).toHaveCount(0)
  await panel.getByLabel('Text or Markdown').fill('')
  await panel.getByRole('button', { name: 'Index', exact: true }).click()
  await expect(panel.getByText('There is nothing to index')).toBeVisible()
})

test('no number has the sign of a zero', async ({ page }) => {
  const panel = await open(page, 'compare')
  await panel.getByLabel(/Show the change/).check()
  for (const dim of ['384', '256', '64', '16']) {
    await panel.getByLabel('Components', { exact: true }).fill(dim)
    await expect(panel).toHaveAttribute('data-dim', dim)
    const cells = await panel.locator('tbody td').allTextContents()
    expect(cells).toHaveLength(64)
    expect(cells.filter((text) => !/^(?:[-+]?\.\d\d|[-+]?1\.00)$/.test(text) || /^[-+]\.00$/.test(text))).toEqual([])
  }
})

test('Compare shows no matrix of sentences that are gone', async ({ page }) => {
  const panel = await open(page, 'compare')
  await expect(panel.locator('tbody tr')).toHaveCount(8)
  await panel.getByLabel('Sentences').fill('One sentence.')
  await expect(panel.getByText('1 sentence, compared by cosine')).toBeVisible()
  await expect(panel.locator('tbody td')).toHaveText(['1.00'])
  await panel.getByLabel('Sentences').fill('  \n ')
  await expect(panel.getByText('Write at least one sentence')).toBeVisible()
  await expect(panel.locator('tbody tr')).toHaveCount(0)
  await expect(panel.locator('[data-part=bytes]')).toHaveText('–')
})

test('Map and Evaluate take away what answers another question', async ({ page }) => {
  const map = await open(page, 'map')
  await expect(map.getByRole('option')).toHaveCount(48, { timeout: 60_000 })
  await map.getByRole('textbox', { name: /^Texts/ }).fill('Only one text')
  await map.getByRole('button', { name: 'Draw' }).click()
  await expect(map.getByText('A map needs two texts or more')).toBeVisible()
  await expect(map.getByRole('option')).toHaveCount(0)

  await page.locator('nav.panels a[href="#/evaluate"]').click()
  const evaluate = page.locator('#panel-evaluate')
  await evaluate.getByRole('button', { name: 'Evaluate' }).click()
  await expect(evaluate.locator('[data-part=table] tbody tr')).toHaveCount(6, { timeout: 60_000 })
  const save = evaluate.getByRole('button', { name: 'as CSV' })
  await expect(save).toBeEnabled()
  await evaluate.locator('[data-part=file]').setInputFiles({
    name: 'other.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('sentence1,sentence2,score\na,b,1\nc,d,2\n'),
  })
  await expect(evaluate.getByText('other.csv: 2 pairs')).toBeVisible()
  await expect(evaluate.locator('[data-part=table] tbody tr')).toHaveCount(0)
  await expect(evaluate.locator('[data-part=chart] svg')).toHaveCount(0)
  await expect(save).toBeDisabled()
})

test('Evaluate waits for pairs that are still being read', async ({ page }) => {
  await page.route('**/pairs-worker*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 2000))
    await route.continue()
  })
  const evaluate = await open(page, 'evaluate')
  await evaluate.getByRole('button', { name: 'Evaluate' }).click()
  await expect(evaluate.locator('[data-part=table] tbody tr')).toHaveCount(6, { timeout: 60_000 })
})

test('Delete asks, and the keyboard can answer', async ({ page }) => {
  const panel = await open(page, 'models')
  const kept = panel.locator('.cached-models li[data-key]')
  await expect(kept).toHaveCount(1)
  const remove = panel.getByRole('button', { name: /^Delete/ })
  const dialog = page.getByRole('dialog', { name: 'Delete @nestling/minilm-l6?' })
  await remove.focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toBeVisible()
  await expect(dialog).toContainText('24.1 MB')
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(remove).toBeFocused()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(kept).toHaveCount(1)
  await remove.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  await expect(dialog.getByRole('button', { name: 'Delete' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(panel.getByText('No model is kept yet')).toBeVisible()
  await expect(panel.locator('.cached-models')).toBeFocused()
})

test('buttons that are pressed keep the focus, or hand it on', async ({ page }) => {
  const models = await open(page, 'models')
  const verify = models.getByRole('button', { name: /^Verify/ })
  await verify.focus()
  await page.keyboard.press('Enter')
  await expect(models.getByText('whole, verified')).toBeVisible()
  await expect(verify).toBeFocused()
  await page.locator('nav.panels a[href="#/benchmark"]').click()
  const benchmark = page.locator('#panel-benchmark')
  const measure = benchmark.getByRole('button', { name: 'Measure' })
  await measure.focus()
  await page.keyboard.press('Enter')
  await expect(benchmark.getByRole('button', { name: 'Stop' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(measure).toBeFocused({ timeout: 60_000 })
  await expect(benchmark.getByText('Stopped')).toBeVisible()
})

test("the hub's size belongs to the model that is asked for, and is not made up without a network", async ({
  page,
  context,
}) => {
  const hub = await startHubServer(hubModels())
  try {
    const panel = await open(page, 'models')
    const plan = panel.locator('[data-part=hub-plan]')
    const message = panel.locator('[data-part=message]')
    const size = panel.getByRole('button', { name: 'Size', exact: true })
    await panel.getByText('Revision, server, token').click()
    await panel.getByLabel('Server').fill(hub.url)
    await panel.getByLabel('Model id').fill('tiny/bert')
    await size.click()
    await expect(plan).toContainText('Weights: ')
    // The size of one model does not stand beside the name of another.
    await panel.getByLabel('Model id').fill('tiny/private')
    await expect(plan).toBeEmpty()
    await size.click()
    await expect(message).toContainText('Cannot read the size of tiny/private')
    await expect(plan).not.toContainText('Weights')
    await panel.getByLabel('Model id').fill('tiny/bert')
    await context.setOffline(true)
    await size.click()
    await expect(message).toHaveText('Cannot read the size of tiny/bert as this device has no network')
    await expect(plan).toContainText('only its server knows its size')
    await expect(plan).not.toContainText('Weights')
  } finally {
    await hub.close()
  }
})

test('a note that was removed can be put back', async ({ page }) => {
  await page.goto(`${server.url}/offline-similarity/?device=wasm`)
  await waitUntilReady(page)
  const note = page.getByRole('button', { name: 'Book the night train to Oslo', exact: true })
  await expect(note).toBeVisible()
  await page.getByRole('button', { name: 'Remove “Book the night train to Oslo”' }).press('Enter')
  await expect(page.locator('#status')).toContainText('12 notes')
  await expect(note).toHaveCount(0)
  await expect(page.getByText('“Book the night train to Oslo” was removed.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('#status')).toContainText('13 notes')
  await expect(note).toBeVisible()
  await expect(page.getByRole('button', { name: 'Undo' })).toBeHidden()
  await expect(page.getByLabel('A new note')).toBeFocused()
})
