import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type ConsoleMessage, type Page, type Request } from 'playwright/test'

const REPORTS = join(import.meta.dirname, '../test-results/consumers')

/** Cloudflare Pages takes no larger file. */
const MAX_FILE_BYTES = 25 * 2 ** 20
const MEBIBYTE = 2 ** 20

/** Python, float32, between the two sentences of show.js; the weights are int8. */
const EXPECTED_SCORE = 0.2682
const TOLERANCE = 0.01

/** What show.js writes into a page. */
export interface PageResult {
  readonly shape?: readonly number[]
  readonly score?: number
  readonly weights?: string
  readonly storage?: string
  readonly engine?: string
  readonly runtime?: string
  readonly threads?: number
  readonly isIsolated?: boolean
  readonly failed?: string
  readonly message?: string
}

/** What one visit showed. */
export interface Visit {
  readonly result: PageResult
  /** Every address that the page and its workers asked for. */
  readonly requests: readonly string[]
  /** What stood in the console as an error, such as a violated policy. */
  readonly errors: readonly string[]
}

/**
 * Opens a page of a consumer and waits for what show.js writes.
 *
 * @param url - Its address.
 * @param options - `hasErrors`: whether errors in the console are to be expected.
 * @returns What it did.
 */
export async function visit(page: Page, url: string, { hasErrors = false } = {}): Promise<Visit> {
  const requests: string[] = []
  const errors: string[] = []
  const onRequest = (request: Request): number => requests.push(request.url())
  const onConsole = (message: ConsoleMessage): void => {
    // Browsers ask for an icon unasked, and not every server has one.
    const { url: place } = message.location()
    if (message.type() === 'error' && !place.endsWith('/favicon.ico')) errors.push(`${message.text()} (${place})`)
  }
  const onError = (error: Error): number => errors.push(error.message)
  page.on('request', onRequest).on('console', onConsole).on('pageerror', onError)
  await page.goto(url)
  const app = page.locator('#app')
  // A page that has failed says no more.
  const hasText = async (): Promise<boolean> =>
    (!hasErrors && errors.length > 0) || ((await app.textContent()) ?? '') !== ''
  await expect.poll(hasText, { timeout: 60_000 }).toBe(true)
  if (!hasErrors) expect(errors).toEqual([])
  const result = JSON.parse((await app.textContent()) ?? '') as PageResult
  page.off('request', onRequest).off('console', onConsole).off('pageerror', onError)
  return { result, requests, errors }
}

/** A row of the support matrix. */
export interface Consumer {
  /** What the row is called, such as `Vite, built`. */
  readonly name: string
  /** Address of the page. */
  readonly url: string
  /** Folder that a site serves; none for a development server. */
  readonly dist?: string
  /** Whether the page must be cross-origin isolated. */
  readonly isIsolated?: boolean
  /** Origins beside the page's own that it may ask. */
  readonly origins?: readonly string[]
}

/**
 * Visits a consumer's page twice: the model comes from its server, then from IndexedDB; vectors are right, nothing leaves the
 * origin, nothing is complained of. Prints the row of the support matrix and keeps it in `test-results/consumers/`.
 *
 * @param page - A page of a new browser context.
 * @returns The first visit.
 */
export async function expectConsumer(page: Page, consumer: Consumer): Promise<Visit> {
  const first = await visit(page, consumer.url)
  expectVisits(consumer, first, await visit(page, consumer.url))
  return first
}

/**
 * Checks two visits of a consumer's page, whichever browser made them.
 *
 * @param second - The second one, with the same profile.
 */
export function expectVisits(consumer: Consumer, first: Visit, second: Visit): void {
  const { name, url, dist, isIsolated = false, origins = [] } = consumer
  expect(first.errors).toEqual([])
  expectResult(first.result, 'downloaded')
  expect(first.result.isIsolated).toBe(isIsolated)
  expect(second.errors).toEqual([])
  expectResult(second.result, 'stored')
  expect(second.result.score).toBe(first.result.score)
  expect(second.requests.filter((address) => address.includes('.safetensors'))).toEqual([])
  // The origin of an extension's page is opaque to Node.
  const allowed = [/^[\w-]+:\/\/[^/]+/.exec(url)?.[0] ?? '', ...origins]
  const strangers = [...first.requests, ...second.requests].filter((address) => {
    return !/^(blob|data):/.test(address) && !allowed.some((origin) => address.startsWith(`${origin}/`))
  })
  expect(strangers).toEqual([])
  printRow(name, first.result, dist === undefined ? undefined : measureDist(dist))
}

function expectResult(result: PageResult, weights: string): void {
  expect(result).toMatchObject({ shape: [2, 384], weights, storage: 'indexeddb' })
  expect(Math.abs((result.score ?? 0) - EXPECTED_SCORE)).toBeLessThan(TOLERANCE)
}

interface DistSize {
  readonly files: number
  readonly sizeBytes: number
  readonly largestBytes: number
}

/** Counts what a site would publish, and fails at a file that hosts refuse. */
function measureDist(folder: string): DistSize {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const sizes = entries.map((entry) => ({ name: entry.name, size: statSync(join(entry.parentPath, entry.name)).size }))
  expect(sizes.filter(({ size }) => size > MAX_FILE_BYTES)).toEqual([])
  const bytes = sizes.map(({ size }) => size)
  return {
    files: bytes.length,
    sizeBytes: bytes.reduce((sum, size) => sum + size, 0),
    largestBytes: Math.max(...bytes),
  }
}

function printRow(
  name: string,
  { engine = '', runtime = '', threads = 0 }: PageResult,
  dist: DistSize | undefined,
): void {
  const published =
    dist === undefined
      ? '–'
      : `${dist.files} files, ${mebibytes(dist.sizeBytes)}, the largest ${mebibytes(dist.largestBytes)}`
  const row = `| ${name} | works | ${published} | ${engine} (${runtime}), ${threads} ${threads === 1 ? 'thread' : 'threads'} |`
  console.log(row)
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(join(REPORTS, `${name.replace(/[^\w.]+/g, '-').toLowerCase()}.md`), `${row}\n`)
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / MEBIBYTE).toFixed(1)} MiB`
}
