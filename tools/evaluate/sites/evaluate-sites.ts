import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import { askInBrowser, type SiteRun } from './ask-in-browser.js'
import { fetchManual, listPages, MANUALS, type Manual } from './manuals.js'
import { readSearchCommand, SEARCH_HELP, type SearchCommand } from './options.js'
import { readQueries, type JudgedQuery } from './read-queries.js'
import { checkTargets, DEFAULT_WAY, siteText, toRow, type SiteReport, type SiteRow } from './report.js'

/** How the index is asked; the words of all precisions are the same. */
const WORDS: SiteRun['ways'][number] = { name: 'words', options: { mode: 'keywords' } }
const WAYS: SiteRun['ways'] = [
  { name: 'vectors', options: { mode: 'vectors' } },
  { name: 'both by ranks', options: { mode: 'hybrid', fusion: { kind: 'ranks' } } },
  // What hybrid search does by default.
  { name: DEFAULT_WAY, options: { mode: 'hybrid' } },
]

/** A title counts for more than a text, as an application would say it. */
const FIELDS: SiteRun['index']['fields'] = { title: { boost: 2 } }

/** Progress is told at each tenth. */
const PROGRESS_STEPS = 10

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Measures one site with each precision: the first encodes, the others find the vectors kept. */
async function measureSite(
  command: SearchCommand,
  site: string,
  place: { readonly manual: Manual; readonly root: string; readonly queries: readonly JudgedQuery[] },
): Promise<SiteReport> {
  const { manual, root, queries } = place
  const pages = listPages(root, manual)
  const judged = queries.flatMap(({ relevant }) => Object.keys(relevant))
  const missing = [...new Set(judged)].filter((page) => !pages.includes(page))
  if (missing.length > 0) say(`${site}: judged pages that the manual does not have: ${missing.join(', ')}`)
  const rows: SiteRow[] = []
  let passages = 0
  for (const [index, precision] of command.precisions.entries()) {
    let told = 0
    const { found, stats } = await askInBrowser({
      root,
      pages,
      shape: manual.shape,
      model: command.model,
      profile: join(command.cache, 'profile'),
      index: { precision, maxTokens: command.maxTokens, fields: FIELDS },
      ways: index === 0 ? [WORDS, ...WAYS] : WAYS,
      queries: queries.map(({ query }) => query),
      onProgress: (fraction) => {
        const step = Math.floor(fraction * PROGRESS_STEPS)
        if (step > told) process.stderr.write(`${site}, ${precision}: ${(step * 100) / PROGRESS_STEPS} %\n`)
        told = Math.max(told, step)
      },
    })
    passages = stats.rows
    for (const [way, lists] of Object.entries(found)) {
      rows.push(toRow({ way, precision: way === WORDS.name ? undefined : precision }, queries, lists))
    }
  }
  return { pages: pages.length, passages, rows }
}

/**
 * Runs `pnpm evaluate search`.
 *
 * @param args - Without node, script and `search`.
 * @returns The exit code.
 * @throws {Error} If an option is unknown, or a page fails.
 */
export async function evaluateSites(args: readonly string[]): Promise<number> {
  const command = readSearchCommand(args)
  if (command === 'help') {
    say(SEARCH_HELP)
    return 0
  }
  if (command.queries === undefined) {
    say('not run: a file with queries is missing: name one with --queries FILE')
    return 2
  }
  const sites = readQueries(readFileSync(command.queries, 'utf8'))
  const reports: Record<string, SiteReport> = {}
  const notRun: string[] = []
  for (const site of command.sites) {
    const manual = MANUALS[site] as Manual
    const queries = sites[site]
    if (queries === undefined) {
      notRun.push(`${site}: ${basename(command.queries)} has no queries for it`)
      continue
    }
    let root: string
    try {
      root = fetchManual(manual, join(command.cache, 'manuals'))
    } catch (error) {
      notRun.push(`${site}: ${(error as Error).message}`)
      continue
    }
    const report = await measureSite(command, site, { manual, root, queries })
    reports[site] = report
    say(`${siteText(site, report)}\n`)
  }
  if (command.json !== undefined) {
    const json = { queries: basename(command.queries), model: command.model, sites: reports, notRun }
    writeFileSync(command.json, `${JSON.stringify(json, null, 2)}\n`)
  }
  const failures = command.check ? checkTargets(reports) : []
  if (command.check) say(`${failures.length} numbers of ${DEFAULT_WAY} are too low`)
  for (const failure of failures) say(`OFF  ${failure}`)
  for (const reason of notRun) say(`not run: ${reason}`)
  if (failures.length > 0) return 1
  return notRun.length > 0 ? 2 : 0
}
