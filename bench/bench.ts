import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { CASES, compare, comparisonText } from './compare.js'
import { benchEngines, engineTable } from './engines.js'

const HELP = `Usage: pnpm bench [options]

Compares nestling with transformers.js in a real Chromium and prints tables. Only ratios of one run mean anything: absolute times are
those of this machine.

  --only LIST     cases, such as a,c: a, b bulk; c query; d cold start; e downloads; f main thread; g memory (all)
  --pages LIST    plain, isolated (both)
  --quick         few texts and turns: shows that it works
  --thorough      more turns, and all of case b in float32 too: takes an hour
  --corpus FILE   texts of case b, a text a line, in place of those that are made
  --seed N        seed of the texts that are made (1)
  --engines       instead: the engines alone, on token ids: our kernels against onnxruntime-web, one thread each
  --rounds N      turns of each engine (7), with --engines
  --round-ms MS   length of a turn (400), with --engines
  --peer DIR      all-MiniLM-L6-v2 with onnx/ files (../shared/peers/all-MiniLM-L6-v2)
  --json FILE     writes the measurements`

const PEER = join(import.meta.dirname, '../../shared/peers/all-MiniLM-L6-v2')

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: CASES.join() },
    pages: { type: 'string', default: 'plain,isolated' },
    quick: { type: 'boolean', default: false },
    thorough: { type: 'boolean', default: false },
    corpus: { type: 'string' },
    seed: { type: 'string', default: '1' },
    engines: { type: 'boolean', default: false },
    peer: { type: 'string', default: PEER },
    rounds: { type: 'string', default: '7' },
    'round-ms': { type: 'string', default: '400' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** Reads a list of known words. */
function wordsOf(list: string, known: readonly string[]): string[] {
  const words = list.split(',').filter((word) => word !== '')
  const unknown = words.find((word) => !known.includes(word))
  if (unknown === undefined && words.length > 0) return words
  process.stderr.write(`Cannot read ${list} as it must be a list of ${known.join(', ')}\n\n${HELP}\n`)
  return process.exit(2)
}

async function run(): Promise<{ readonly text: string; readonly json: object }> {
  if (values.engines) {
    const bench = await benchEngines({
      peer: values.peer,
      rounds: Number(values.rounds),
      roundMs: Number(values['round-ms']),
    })
    return { text: engineTable(bench), json: bench }
  }
  const comparison = await compare({
    peer: values.peer,
    cases: wordsOf(values.only, CASES),
    size: values.quick ? 'quick' : values.thorough ? 'thorough' : 'full',
    corpusFile: values.corpus,
    seed: Number(values.seed),
    isolations: wordsOf(values.pages, ['plain', 'isolated']).map((page) => page === 'isolated'),
    onStep: (text) => process.stderr.write(`${text}\n`),
  })
  return { text: comparisonText(comparison), json: comparison }
}

if (values.help) {
  process.stdout.write(`${HELP}\n`)
  process.exit(0)
}
const { text, json } = await run()
process.stdout.write(`${text}\n`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(json, null, 2)}\n`)
