import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { chromium } from 'playwright'
import { findBrowser, launchArgs } from '../tools/browser.mjs'
import { browserBytes, collectGarbage } from '../tools/browser-memory.js'
import { serve } from '../tools/serve.mjs'
import { bundlePage, BUNDLES } from './bundle-page.js'
import { describeEnvironment, type Environment } from './environment.js'
import { ratioOf, spreadOf } from './measure/statistics.js'
import type { SearchNumbers, SearchRequest } from './page/search.js'
import { formatTable, numberText, ratioText } from './table.js'

const PACKAGES = join(import.meta.dirname, '../packages')

/** What is to be measured. */
export interface SearchBenchOptions {
  /** Texts, one a line; gzip or not. */
  readonly corpus: string
  readonly documents: number
  readonly rounds: number
  /** Another checkout that is built; `undefined` to measure this one alone. */
  readonly against: string | undefined
  readonly onStep: (text: string) => void
}

/** The numbers of each build, one a round. */
export interface SearchBench {
  readonly environment: Environment
  readonly documents: number
  readonly builds: Readonly<Record<string, readonly SearchNumbers[]>>
}

/**
 * Measures an index of many documents in a real Chromium, of this build and of another in turns.
 *
 * @param options - What and how much.
 * @returns What was measured.
 * @throws {Error} If a build or the texts are missing.
 */
export async function benchSearch({
  corpus,
  documents,
  rounds,
  against,
  onStep,
}: SearchBenchOptions): Promise<SearchBench> {
  const folders = { ...(against === undefined ? {} : { other: join(against, 'packages') }), this: PACKAGES }
  for (const folder of Object.values(folders)) {
    const entry = join(folder, 'search/dist/index.js')
    if (!existsSync(entry)) throw new Error(`${entry} is missing: build that checkout first`)
  }
  for (const [option, count] of Object.entries({ documents, rounds })) {
    if (Number.isInteger(count) && count > 0) continue
    throw new Error(`--${option} must be a positive integer: current value is ${count}`)
  }
  const sentences = readSentences(corpus)
  await bundlePage(['search'])
  const builds: Record<string, SearchNumbers[]> = {}
  let environment: Environment | undefined
  for (let round = 0; round < rounds; round++) {
    for (const [name, folder] of Object.entries(folders)) {
      onStep(`round ${round + 1} of ${rounds}: ${name} build`)
      const { numbers, browser } = await measureBuild(folder, {
        module: '/packages/search/dist/index.js',
        sentences,
        documents,
      })
      ;(builds[name] ??= []).push(numbers)
      environment ??= describeEnvironment(browser)
    }
  }
  if (environment === undefined) throw new Error('no build was measured')
  environment.load.end = loadavg()[0] ?? 0
  return { environment, documents, builds }
}

function readSentences(file: string): string[] {
  const bytes = readFileSync(file)
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
  return text.split(/\r?\n/).filter((line) => line.trim() !== '')
}

/** A profile on disk: what a page without one stores would count as memory. */
async function measureBuild(
  folder: string,
  request: SearchRequest,
): Promise<{ numbers: SearchNumbers; browser: string }> {
  const roots = { '/packages': folder, '/page': join(import.meta.dirname, 'page'), '/bundle': BUNDLES }
  const server = await serve({ roots, port: 0, isolated: false })
  const profile = mkdtempSync(join(tmpdir(), 'nestling-bench-'))
  const { executablePath } = await findBrowser()
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: launchArgs() })
  try {
    const numbers: Record<string, number> = {}
    for (const step of ['fillIndex', 'reopenIndex']) {
      const page = await context.newPage()
      page.setDefaultTimeout(0)
      await page.exposeFunction('countBytes', async () => {
        await collectGarbage(page)
        const browser = context.browser()
        return browser === null ? 0 : browserBytes(browser)
      })
      await page.goto(`${server.url}/page/search.html`)
      const call = `import('/bundle/search.js').then((module) => module.${step}(${JSON.stringify(request)}, countBytes))`
      Object.assign(numbers, await page.evaluate<SearchNumbers>(call))
      await page.close()
    }
    return { numbers, browser: context.browser()?.version() ?? 'unknown' }
  } finally {
    await context.close()
    await server.close()
    rmSync(profile, { recursive: true, force: true })
  }
}

/**
 * Writes measurements for people.
 *
 * @returns Lines of text.
 */
export function searchBenchText({ environment, documents, builds }: SearchBench): string {
  const { browser, processor, cores, system, versions, load, date } = environment
  const [name = 'this'] = Object.keys(builds)
  const valuesOf = (build: string, key: string): number[] => (builds[build] ?? []).map((numbers) => numbers[key] ?? NaN)
  const lines = Object.keys(builds['this']?.[0] ?? {}).map((key) => {
    const mine = valuesOf('this', key)
    const cells = [key, numberText(spreadOf(mine).p50, 1)]
    if (name === 'this') return cells
    const others = valuesOf('other', key)
    return [...cells, numberText(spreadOf(others).p50, 1), ratioText(ratioOf(mine, others))]
  })
  const head = ['ms', 'this build', ...(name === 'this' ? [] : ['other build', 'this / other'])]
  return [
    `${date}; Chromium ${browser}; ${system}; ${cores} cores of ${processor}; nestling ${versions['nestling'] ?? ''}`,
    `load of the machine ${load.start.toFixed(2)} at the start, ${load.end.toFixed(2)} at the end; medians of ${builds['this']?.length ?? 0} rounds`,
    `${documents} documents of about 60 words, vectors of 384 components that cost nothing`,
    '',
    formatTable({ head, lines }),
  ].join('\n')
}
