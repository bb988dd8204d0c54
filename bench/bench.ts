import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { accuracyTable, benchAccuracy } from './accuracy.js'
import { benchEngines, engineTable } from './engines.js'

const HELP = `Usage: pnpm bench --engines | --accuracy [options]

Measures in a real Chromium and prints a table. Only ratios of one run mean anything: absolute times are those of this machine.

  --engines       the engines alone, on token ids: our kernels against onnxruntime-web, one thread each
    --peer DIR      all-MiniLM-L6-v2 with onnx/ files (../shared/peers/all-MiniLM-L6-v2)
    --rounds N      turns that each engine gets (7)
    --round-ms MS   length of a turn (400)
  --accuracy      what int8 costs the default model; ends with 1 where that is too much
    --csv FILE      sentence pairs: sentence1, sentence2, score (../shared/data/stsb-en-dev.csv)
    --float32 DIR   the model in float32 (../shared/models/minilm-l6-nested)
  --json FILE     writes the measurements`

const SHARED = join(import.meta.dirname, '../../shared')

const { values } = parseArgs({
  options: {
    engines: { type: 'boolean', default: false },
    peer: { type: 'string', default: join(SHARED, 'peers/all-MiniLM-L6-v2') },
    rounds: { type: 'string', default: '7' },
    'round-ms': { type: 'string', default: '400' },
    accuracy: { type: 'boolean', default: false },
    csv: { type: 'string', default: join(SHARED, 'data/stsb-en-dev.csv') },
    float32: { type: 'string', default: join(SHARED, 'models/minilm-l6-nested') },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

function finish(table: string, bench: unknown): void {
  process.stdout.write(`${table}\n`)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(bench, null, 2)}\n`)
}

if (values.help || values.engines === values.accuracy) {
  process.stdout.write(`${HELP}\n`)
  process.exitCode = values.help ? 0 : 1
} else if (values.engines) {
  const { peer, rounds, 'round-ms': roundMs } = values
  const bench = await benchEngines({ peer, rounds: Number(rounds), roundMs: Number(roundMs) })
  finish(engineTable(bench), bench)
} else {
  const bench = await benchAccuracy({ csv: values.csv, float32: values.float32 })
  finish(accuracyTable(bench), bench)
  process.exitCode = bench.failures.length === 0 ? 0 : 1
}
