import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MODEL_PACKAGE } from '../options.js'
import { MANUALS } from './manuals.js'

/** Printed by `pnpm evaluate search --help`. */
export const SEARCH_HELP = `Usage: pnpm evaluate search [options]

Makes an index of the manuals of PostgreSQL 15 and Python 3.11 with createIndex(), as an application would, and asks it judged queries: the mean
NDCG@10 (gain 2^grade - 1) by kind of query, for words, vectors and both, and for each precision. The manuals are fetched with
apt-get download; they and the vectors are kept for the next run: the first one takes an hour on two cores, others minutes.

  --queries FILE         JSON: { "sites": { "postgres": [{ "id", "kind", "query", "relevant": { page: grade } }, …], "python": … } }
                         (../shared/data/site-queries.json); kinds are identifier, words and meaning
  --sites A,B            postgres, python (both)
  --precisions A,B       of the index's rows (all)
  --model M              a folder, a URL, or ${MODEL_PACKAGE} (the default)
  --max-tokens N         most tokens of a passage (what the model reads)
  --json FILE            writes the table, with the NDCG@10 of each query
  --cache DIR            where manuals and vectors are kept (.cache/evaluate-search)
  --check                compares with what the default model must reach on the queries that come with this tool

Ends with 1 when a number is too low, and with 2 when a site could not be measured, as without apt.`

/** Precisions of rows, from most bits to fewest. */
const PRECISIONS = ['float32', 'int8', 'int4', 'int2', 'binary'] as const

const ROOT = join(import.meta.dirname, '../../..')

const DEFAULT_QUERIES = join(ROOT, '../shared/data/site-queries.json')

/** What is to be measured. */
export interface SearchCommand {
  /** `undefined` where none was named and the usual one is not there. */
  readonly queries: string | undefined
  readonly sites: readonly string[]
  readonly precisions: readonly (typeof PRECISIONS)[number][]
  readonly model: string
  readonly maxTokens: number | undefined
  readonly json: string | undefined
  /** Folder of manuals and vectors. */
  readonly cache: string
  readonly check: boolean
}

/**
 * Reads the command line behind `search`.
 *
 * @param args - Without node, script and `search`.
 * @returns What is to be done; `help` where that was asked for.
 * @throws {Error} If something is unknown.
 */
export function readSearchCommand(args: readonly string[]): SearchCommand | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      queries: { type: 'string' },
      sites: { type: 'string', default: Object.keys(MANUALS).join() },
      precisions: { type: 'string', default: PRECISIONS.join() },
      model: { type: 'string', default: MODEL_PACKAGE },
      'max-tokens': { type: 'string' },
      json: { type: 'string' },
      cache: { type: 'string', default: join(ROOT, '.cache/evaluate-search') },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const { queries, model, json, cache, check } = values
  const tokens = values['max-tokens']
  const fallback = existsSync(DEFAULT_QUERIES) ? DEFAULT_QUERIES : undefined
  return {
    queries: queries === undefined ? fallback : resolve(queries),
    sites: readList('--sites', values.sites, Object.keys(MANUALS)),
    precisions: readList('--precisions', values.precisions, PRECISIONS),
    model,
    maxTokens: tokens === undefined ? undefined : readCount('--max-tokens', tokens),
    json,
    cache: resolve(cache),
    check,
  }
}

function readList<Word extends string>(option: string, text: string, known: readonly Word[]): Word[] {
  const words = [...new Set(text.split(','))]
  const found = known.filter((word) => words.includes(word))
  if (found.length === words.length) return found
  throw new Error(`${option} must be a list of ${known.join(', ')}: current value is ${text}`)
}

function readCount(option: string, text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  throw new Error(`${option} must be a positive integer: current value is ${text}`)
}
