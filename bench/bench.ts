import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { accuracyTable, benchAccuracy } from './accuracy.js'
import { CASES, compare, comparisonText } from './compare.js'
import { benchEngines, engineTable } from './engines.js'
import { benchScale, scaleBenchText } from './scale.js'
import { benchSearch, searchBenchText } from './search.js'
import { benchWebGpu, webGpuText } from './webgpu.js'

const HELP = `Usage: pnpm bench [options]

Compares nestling with transformers.js in a real Chromium and prints tables. Only ratios of one run mean anything: absolute times are
those of this machine.

  --only LIST     cases, such as a,c: a, b bulk; c query; d cold start; e downloads; f main thread; g memory (all)
  --pages LIST    plain, isolated (both)
  --quick         few texts and turns: shows that it works
  --thorough      more turns, and all of case b in float32 too: takes far longer
  --texts N       at most so many texts in cases a and b, the first ones
  --corpus FILE   texts of case b, a text a line, in place of those that are made; sentences that documents are made of, with --search
                  (../shared/data/general-sentences.txt.gz)
  --seed N        seed of the texts that are made (1)
  --engines       instead: the engines alone, on token ids: our kernels against onnxruntime-web, one thread each
  --webgpu        instead: our kernels for WebGPU against onnxruntime-web's, in one page
  --rounds N      turns of each engine (7), with --engines; of each build (1), with --search; of a query (9), with --webgpu
  --round-ms MS   length of a turn (400), with --engines
  --peer DIR      all-MiniLM-L6-v2 with onnx/ files (../shared/peers/all-MiniLM-L6-v2)
  --search        instead: an index of many documents: add, query, update, open again
  --documents N   how many (50000), with --search
  --scale TARGET  instead: a table of a server, as nestling embed --to has it: postgres://… or FOLDER.lance (tools/install-lancedb.mjs);
                  --documents rows are written, indexed and searched
  --against DIR   another checkout that is built, measured in turns with this one, with --search
  --accuracy      instead: what int8 costs the default model; ends with 1 where that is too much
  --csv FILE      sentence pairs: sentence1, sentence2, score (../shared/data/stsb-en-dev.csv)
  --float32 DIR   the model in float32 (../shared/models/minilm-l6-nested)
  --json FILE     writes the measurements`

const SHARED = join(import.meta.dirname, '../../shared')

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: CASES.join() },
    pages: { type: 'string', default: 'plain,isolated' },
    quick: { type: 'boolean', default: false },
    thorough: { type: 'boolean', default: false },
    texts: { type: 'string' },
    corpus: { type: 'string' },
    seed: { type: 'string', default: '1' },
    engines: { type: 'boolean', default: false },
    webgpu: { type: 'boolean', default: false },
    peer: { type: 'string', default: join(SHARED, 'peers/all-MiniLM-L6-v2') },
    rounds: { type: 'string' },
    'round-ms': { type: 'string', default: '400' },
    search: { type: 'boolean', default: false },
    scale: { type: 'string' },
    documents: { type: 'string', default: '50000' },
    against: { type: 'string' },
    accuracy: { type: 'boolean', default: false },
    csv: { type: 'string', default: join(SHARED, 'data/stsb-en-dev.csv') },
    float32: { type: 'string', default: join(SHARED, 'models/minilm-l6-nested') },
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

interface Finding {
  readonly text: string
  readonly json: object
  readonly isGood: boolean
}

async function run(): Promise<Finding> {
  if (values.accuracy) {
    const bench = await benchAccuracy({ csv: values.csv, float32: values.float32 })
    return { text: accuracyTable(bench), json: bench, isGood: bench.failures.length === 0 }
  }
  if (values.search) {
    const bench = await benchSearch({
      corpus: values.corpus ?? join(SHARED, 'data/general-sentences.txt.gz'),
      documents: Number(values.documents),
      rounds: Number(values.rounds ?? 1),
      against: values.against,
      onStep: (text) => process.stderr.write(`${text}\n`),
    })
    return { text: searchBenchText(bench), json: bench, isGood: true }
  }
  if (values.scale !== undefined) {
    const bench = await benchScale({
      target: values.scale,
      corpus: values.corpus ?? join(SHARED, 'data/general-sentences.txt.gz'),
      rows: Number(values.documents),
      onStep: (text) => process.stderr.write(`${text}\n`),
    })
    return { text: scaleBenchText(bench), json: bench, isGood: true }
  }
  if (values.webgpu) {
    const bench = await benchWebGpu(values.rounds === undefined ? undefined : Number(values.rounds))
    return { text: webGpuText(bench), json: bench, isGood: true }
  }
  if (values.engines) {
    const bench = await benchEngines({
      peer: values.peer,
      rounds: Number(values.rounds ?? 7),
      roundMs: Number(values['round-ms']),
    })
    return { text: engineTable(bench), json: bench, isGood: true }
  }
  const comparison = await compare({
    peer: values.peer,
    cases: wordsOf(values.only, CASES),
    size: values.quick ? 'quick' : values.thorough ? 'thorough' : 'full',
    maxTexts: values.texts === undefined ? Infinity : Number(values.texts),
    corpusFile: values.corpus,
    seed: Number(values.seed),
    isolations: wordsOf(values.pages, ['plain', 'isolated']).map((page) => page === 'isolated'),
    onStep: (text) => process.stderr.write(`${text}\n`),
  })
  return { text: comparisonText(comparison), json: comparison, isGood: true }
}

if (values.help) {
  process.stdout.write(`${HELP}\n`)
  process.exit(0)
}
const { text, json, isGood } = await run()
process.stdout.write(`${text}\n`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(json, null, 2)}\n`)
if (!isGood) process.exitCode = 1
