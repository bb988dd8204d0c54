import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { benchEngines, engineTable } from './engines.js'

const HELP = `Usage: pnpm bench --engines [options]

Measures in a real Chromium and prints a table. Only ratios of one run mean anything: absolute times are those of this machine.

  --engines       the engines alone, on token ids: our kernels against onnxruntime-web, one thread each
  --peer DIR      all-MiniLM-L6-v2 with onnx/ files (../shared/peers/all-MiniLM-L6-v2)
  --rounds N      turns that each engine gets (7)
  --round-ms MS   length of a turn (400)
  --json FILE     writes the measurements`

const PEER = join(import.meta.dirname, '../../shared/peers/all-MiniLM-L6-v2')

const { values } = parseArgs({
  options: {
    engines: { type: 'boolean', default: false },
    peer: { type: 'string', default: PEER },
    rounds: { type: 'string', default: '7' },
    'round-ms': { type: 'string', default: '400' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || !values.engines) {
  process.stdout.write(`${HELP}\n`)
  process.exit(values.help ? 0 : 1)
}
const bench = await benchEngines({
  peer: values.peer,
  rounds: Number(values.rounds),
  roundMs: Number(values['round-ms']),
})
process.stdout.write(`${engineTable(bench)}\n`)
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(bench, null, 2)}\n`)
