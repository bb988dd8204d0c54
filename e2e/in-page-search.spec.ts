import { expect, test, type Page } from 'playwright/test'
import { serveExamples, type TestServer } from './example-server.ts'
import { waitUntilReady } from './wait-until-ready.ts'

/** Queries, and the paragraph that answers each; none repeats the paragraph's own words. */
const QUERIES = [
  ['dough will not rise', 'bread-03'],
  ['how far away is the thunderstorm', 'weather-03'],
  ['does coffee in the afternoon keep me awake', 'sleep-02'],
  ['noisy brakes', 'bicycle-03'],
  ['nervous before a concert', 'music-08'],
  ['how do fish get past a dam', 'ferry-10'],
] as const
const [FIRST_QUERY, FIRST_ID] = QUERIES[0]

let server: TestServer

test.beforeAll(async () => {
  server = await serveExamples(true)
})
test.afterAll(() => server.close())

async function open(page: Page): Promise<string[]> {
  const foreign: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) foreign.push(request.url())
  })
  await page.goto(`${server.url}/in-page-search/`)
  return foreign
}

const box = (page: Page): ReturnType<Page['getByRole']> => page.getByRole('combobox')
const results = (page: Page): ReturnType<Page['getByRole']> => page.getByRole('option')

/** The best paragraph, once the results are those of this query. */
async function best(page: Page, query: string): Promise<string | null> {
  await expect(page.getByRole('status')).toHaveText(`8 results for “${query}”`, { timeout: 90_000 })
  await expect(results(page)).toHaveCount(8)
  return results(page).first().getAttribute('data-passage-id')
}

// One page for all steps: it takes its time to embed its paragraphs.
test('in-page search finds the right paragraphs, by keyboard too, in light and dark, from its own origin', async ({
  page,
}, info) => {
  const foreign = await open(page)
  await waitUntilReady(page, 90_000)

  await test.step('a query finds the right paragraph first', async () => {
    for (const [query, id] of QUERIES) {
      await box(page).fill(query)
      expect(await best(page, query)).toBe(id)
    }
    await expect(page.locator(`#${QUERIES.at(-1)?.[1] ?? ''}`)).toHaveClass(/best-hit/)
    await page.screenshot({ path: info.outputPath('light.png') })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.screenshot({ path: info.outputPath('dark.png') })
  })

  await test.step('the newest query wins', async () => {
    await box(page).fill('')
    await box(page).pressSequentially('danger to aeroplanes from eruptions', { delay: 15 })
    await box(page).fill(FIRST_QUERY)
    expect(await best(page, FIRST_QUERY)).toBe(FIRST_ID)
    // An older answer would come now.
    await page.waitForTimeout(1500)
    expect(await best(page, FIRST_QUERY)).toBe(FIRST_ID)
  })

  await test.step('the keyboard alone is enough', async () => {
    await page.keyboard.press('Escape')
    await expect(box(page)).toHaveValue('')
    await expect(results(page)).toHaveCount(0)
    await box(page).blur()
    await page.keyboard.press('/')
    await expect(box(page)).toBeFocused()
    await page.keyboard.type(FIRST_QUERY)
    expect(await best(page, FIRST_QUERY)).toBe(FIRST_ID)
    await page.keyboard.press('ArrowDown')
    const selected = page.locator('[role=option][aria-selected=true]')
    await expect(selected).toHaveCount(1)
    const id = (await selected.getAttribute('data-passage-id')) ?? ''
    await page.keyboard.press('Enter')
    await expect(page.locator(`#${id}`)).toBeInViewport()
  })

  expect(foreign).toEqual([])
})

test('a query typed before the model is ready is answered when it is', async ({ page }) => {
  await open(page)
  await box(page).fill(FIRST_QUERY)
  expect(await best(page, FIRST_QUERY)).toBe(FIRST_ID)
})
