import type { Page } from 'playwright/test'
import { expect, test } from 'playwright/test'
import { seriousViolations } from './axe.ts'
import { readPaintRecord, watchLayoutShift } from './layout-shift.ts'
import { startModelServer } from './model-server.ts'
import { waitUntilReady } from './wait-until-ready.ts'

/** The group that a note is in. */
const groupOf = (page: Page, note: string): ReturnType<Page['locator']> =>
  page.locator('.group:not(.is-rest)').filter({ has: page.getByRole('button', { name: note, exact: true }) })

test('notes are compared and grouped; from the second visit on without a server', async ({ context }, info) => {
  const server = await startModelServer()
  const first = await context.newPage()
  await watchLayoutShift(first)
  const foreign: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(server.url)) foreign.push(request.url())
  })
  const url = `${server.url}/offline-similarity/`
  await first.goto(url)
  await waitUntilReady(first)
  await expect(groupOf(first, 'Book the night train to Oslo')).toContainText(
    'Renew the passport before the trip to Norway',
  )
  await expect(groupOf(first, 'Take the bicycle to the repair shop')).toContainText('Repair the brake of the bicycle')
  expect(await seriousViolations(first)).toEqual([])
  const { shift, moved } = await readPaintRecord(first)
  expect(shift, moved.join(' ')).toBeLessThan(0.02)
  const installable = await (await context.newCDPSession(first)).send('Page.getInstallabilityErrors')
  // A test's window is one of a private session, where nothing can be installed.
  expect(installable.installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
  await first.screenshot({ path: info.outputPath('light.png'), fullPage: true })
  await first.close()
  await server.close()

  const second = await context.newPage()
  await context.setOffline(true)
  await second.goto(url)
  await waitUntilReady(second)
  await expect(second.locator('#network')).toHaveText('No network, none needed')
  await second.getByLabel('A new note').fill('Reserve a ferry across the fjord')
  await second.getByLabel('A new note').press('Enter')
  await expect(second.locator('#chosen')).toHaveText('Reserve a ferry across the fjord')
  await expect(second.locator('.nearest li').first()).toContainText(
    'Find a cabin near the fjord for the holidays in July',
  )
  await expect(second.locator('#status')).toContainText('14 notes')
  await second.getByLabel('How alike').fill('0.8')
  await expect(second.locator('#status')).toHaveText('14 notes, 0 groups')
  await second.getByLabel('How alike').fill('0.3')
  await expect(groupOf(second, 'Reserve a ferry across the fjord')).toContainText(
    'Find a cabin near the fjord for the holidays in July',
  )
  await second.emulateMedia({ colorScheme: 'dark' })
  await second.screenshot({ path: info.outputPath('dark.png'), fullPage: true })
  await second.setViewportSize({ width: 360, height: 740 })
  expect(await seriousViolations(second)).toEqual([])
  await second.screenshot({ path: info.outputPath('360.png'), fullPage: true })
  await second.getByRole('button', { name: 'Remove “Reserve a ferry across the fjord”' }).click()
  await expect(second.locator('#status')).toContainText('13 notes')
  // Notes are kept too.
  await second.reload()
  await waitUntilReady(second)
  await expect(second.locator('#status')).toContainText('13 notes')
  expect(foreign).toEqual([])
})
