import type { BrowserContext } from 'playwright'
import { expect, test } from 'playwright/test'
import { examplesOf, NOT_RUN, type Example } from '../tools/docs/examples.ts'
import { readDocs } from '../tools/docs/read-docs.ts'
import { isPrint } from '../tools/docs/runnable-example.ts'
import type { Print } from './docs/prints.ts'
import { answerOtherOrigins, startDocsServer, type DocsServer } from './docs-server.ts'

/** How long a page that listens to keys is watched for errors of what one has started. */
const LISTEN_MS = 300

let server: DocsServer
/** One for all: the model is downloaded once. */
let context: BrowserContext

test.beforeAll(async ({ browser }) => {
  server = await startDocsServer()
  context = await browser.newContext()
  await answerOtherOrigins(context)
})

test.afterAll(async () => {
  await context.close()
  await server.close()
})

/** Runs an example in a page of its own, and types; gives what it printed. */
async function run(url: string, listenMs: number): Promise<readonly Print[]> {
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', ({ message }) => errors.push(message))
  await page.goto(server.url)
  const printed = await page.evaluate(async (path) => {
    const from = (module: string): Promise<never> => import(module) as Promise<never>
    await from('/visited-before.ts')
    await from(path)
    for (const input of document.querySelectorAll('input')) {
      input.value = 'birds in spring'
      input.dispatchEvent(new Event('input'))
    }
    const { prints } = (await from('/prints.ts')) as { readonly prints: readonly Print[] }
    return prints
  }, url)
  await page.waitForTimeout(listenMs)
  expect(errors).toEqual([])
  await page.close()
  return printed
}

async function expectExample(example: Example): Promise<void> {
  const { url, prints } = server.serve(example)
  const printed = await run(url, example.code.includes("addEventListener('input'") ? LISTEN_MS : 0)
  for (const [line, expected] of prints) {
    const texts = printed.filter((print) => print.line === line).map(({ text }) => text)
    const place = `${example.file}:${example.line + line}`
    expect(texts.length, `${place} prints nothing`).toBeGreaterThan(0)
    for (const text of texts) {
      expect(isPrint(text, expected), `${place} prints "${text}" and says "${expected}"`).toBe(true)
    }
  }
  if (example.output !== undefined) expect(narrow(printed.at(-1)?.text ?? '')).toContain(narrow(example.output))
}

/** A table without the widths of its columns, which the docs have wider. */
function narrow(text: string): string {
  return text.trim().replace(/ +/g, ' ').replace(/-+/g, '-')
}

for (const [file, text] of readDocs()) {
  const examples = examplesOf(new Map([[file, text]]))
  if (examples.length === 0) continue
  test.describe(file, () => {
    for (const example of examples) {
      test(`the example at line ${example.line} runs and prints what it says`, async () => {
        const { notRun } = example
        test.skip(notRun !== undefined, notRun === undefined ? '' : `not run: ${NOT_RUN[notRun]}`)
        await expectExample(example)
      })
    }
  })
}
