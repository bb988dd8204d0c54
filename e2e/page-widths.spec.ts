import type { Page } from 'playwright/test'
import { expect, test } from 'playwright/test'
import { seriousViolations } from './axe.ts'
import { cutParts } from './cut-parts.ts'
import { serveExamples, type TestServer } from './example-server.ts'
import { waitUntilReady } from './wait-until-ready.ts'

const WIDTHS = [320, 390, 768, 1280]
const SCHEMES = ['light', 'dark'] as const
/** Nothing in it may be broken, and nobody would read all of it. */
const LONG_WORD = 'Donaudampfschifffahrtsgesellschaftskapitän'.repeat(6)
const LONG_TEXT = 'word '.repeat(600).trim()

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(true)
})
test.afterAll(() => server.close())

/** Looks at the page as it is now, at all widths, in light and in dark. */
async function expectNothingCut(page: Page, what: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 })
    expect.soft(await cutParts(page), `${what} at ${width} px`).toEqual([])
  }
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width: 320, height: 800 })
    expect.soft(await seriousViolations(page), `${what} in ${colorScheme}`).toEqual([])
  }
}

test('First embeddings fits at every width', async ({ page }) => {
  await page.goto(`${server.url}/first-embeddings/`)
  await expect(page.locator('#outcome')).toBeVisible({ timeout: 60_000 })
  await expectNothingCut(page, 'First embeddings')
})

test('In-page search fits at every width, with results', async ({ page }) => {
  await page.goto(`${server.url}/in-page-search/`)
  await waitUntilReady(page)
  await page.locator('#query').fill(`why is my bread flat ${LONG_WORD}`)
  await expect(page.locator('.result').first()).toBeVisible({ timeout: 20_000 })
  await expectNothingCut(page, 'In-page search')
})

test('Kindred notes fits at every width, with notes of one long word', async ({ page }) => {
  await page.goto(`${server.url}/offline-similarity/`)
  await waitUntilReady(page)
  await page.getByLabel('A new note').fill(LONG_WORD)
  await page.getByLabel('A new note').press('Enter')
  await expect(page.locator('#chosen')).toHaveText(LONG_WORD)
  await expectNothingCut(page, 'Kindred notes')
})

test('every panel of the playground fits at every width, filled with long texts', async ({ page }) => {
  await page.goto(`${server.url}/playground/?device=wasm`)
  await waitUntilReady(page)
  const show = async (id: string): Promise<ReturnType<Page['locator']>> => {
    await page.locator(`nav.panels a[href="#/${id}"]`).click()
    const panel = page.locator(`#panel-${id}`)
    await expect(panel).toBeVisible()
    return panel
  }
  const texts = Array.from({ length: 12 }, (_, index) => `Sentence ${index}`)
  const compare = await show('compare')
  await compare.getByLabel('Sentences').fill([LONG_WORD, LONG_TEXT, ...texts.slice(2)].join('\n'))
  await expect(compare.getByText('12 sentences, compared by cosine')).toBeVisible()
  await compare.locator('td').nth(1).focus()
  await expect(compare.locator('[data-part=cell]')).toContainText('…')
  await expectNothingCut(page, 'Compare')

  const search = await show('search')
  await search.getByLabel('Text or Markdown').fill(`# ${LONG_WORD}\n\n${LONG_TEXT}\n\n${LONG_WORD}`)
  await search.getByRole('button', { name: 'Index', exact: true }).click()
  await search.getByLabel('What are you looking for?').fill(LONG_WORD)
  await expect(search.locator('.hit')).toHaveCount(2, { timeout: 20_000 })
  await expectNothingCut(page, 'Search')

  const map = await show('map')
  await expect(map.getByRole('option')).toHaveCount(48, { timeout: 60_000 })
  await map.getByRole('textbox', { name: /^Texts/ }).fill([`# ${LONG_WORD}`, LONG_TEXT, LONG_WORD, ...texts].join('\n'))
  await map.getByRole('button', { name: 'Draw' }).click()
  await expect(map.getByRole('option')).toHaveCount(14, { timeout: 60_000 })
  await map.getByRole('option').first().focus()
  await page.keyboard.press('Enter')
  await expect(map.locator('.nearest li')).toHaveCount(6)
  // Three lines of a text of 600 words.
  expect((await map.locator('[data-part=hover]').boundingBox())?.height).toBeLessThan(80)
  expect((await map.locator('[data-part=selected]').boundingBox())?.height).toBeLessThan(160)
  await expectNothingCut(page, 'Map')

  const evaluate = await show('evaluate')
  await evaluate.getByRole('button', { name: 'Evaluate' }).click()
  await expect(evaluate.locator('[data-part=table] tbody tr')).toHaveCount(6, { timeout: 60_000 })
  await expectNothingCut(page, 'Evaluate')

  const models = await show('models')
  await expect(models.locator('.cached-models li[data-key]')).toHaveCount(1)
  await models.getByLabel('Model id').fill(`owner/${'name'.repeat(20)}`)
  await expectNothingCut(page, 'Models')
  await models.getByRole('button', { name: /^Delete/ }).click()
  await expectNothingCut(page, 'the question')
  await page.keyboard.press('Escape')

  await show('benchmark')
  await expectNothingCut(page, 'Benchmark')
  const report = await show('report')
  await expect(report.getByRole('heading', { name: 'Certificate' })).toBeVisible({ timeout: 20_000 })
  await report.getByText('The whole report').click()
  await expectNothingCut(page, 'Report')
})
