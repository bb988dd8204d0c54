import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import { codeBlocksOf } from '../tools/docs/read-markdown.ts'
import { createConsumerApp, installedVersion, pack, type ConsumerApp } from './consumer-app.ts'
import { startVite, type ViteServer } from './vite-server.ts'

const README = join(import.meta.dirname, '../README.md')
const HEADING = '### Search 50 notes'
const MAX_LINES = 30

let app: ConsumerApp
let server: ViteServer | undefined

test.beforeAll(async () => {
  test.setTimeout(300_000)
  const search = `file:${await pack('search')}`
  app = await createConsumerApp('readme', { vite: installedVersion('vite'), '@nestling/search': search })
})

test.afterAll(() => {
  server?.close()
  app.dispose()
})

test('the code of the README searches 50 notes in a new Vite project', async ({ page }) => {
  const [, section = ''] = readFileSync(README, 'utf8').split(HEADING)
  const [block] = codeBlocksOf(section)
  const code = block?.code ?? ''
  expect(code.split('\n').length).toBeLessThan(MAX_LINES)
  mkdirSync(join(app.folder, 'src'))
  writeFileSync(join(app.folder, 'src/main.ts'), code)
  const notes = readFileSync(join(app.folder, 'public/notes.txt'), 'utf8').trim().split('\n')
  expect(notes).toHaveLength(50)

  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  server = await startVite(app, '--port', '0')
  await page.goto(server.url)
  const input = page.getByPlaceholder('Search the notes')
  await expect(input).toBeVisible({ timeout: 60_000 })
  for (const [query, note] of [
    ['how do I get into the house without my key', 'The spare key hangs behind the cellar door.'],
    ['baking', 'Bread needs to rest for an hour before it goes into the oven.'],
    ['my bike has a flat tire', "The bicycle's rear tyre loses air overnight."],
  ] as const) {
    await input.fill(query)
    await expect(page.locator('li').first()).toHaveText(note)
    await expect(page.locator('li')).toHaveCount(5)
  }
  expect(errors).toEqual([])
})
