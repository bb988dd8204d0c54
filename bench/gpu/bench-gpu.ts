import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { GpuDtype } from '../../packages/nestling/src/engine/kernels/webgpu/create-webgpu-kernels.js'
import { formatTable } from '../table.js'
import { SHAPES } from './in-memory-model.js'
import { measureGpu, type GpuBenchResult } from './measure.js'
import { countSteps, onPaper } from './on-paper.js'

const HELP = `Usage: pnpm bench:gpu [options]

Runs encoders of random weights on our kernels for WebGPU, in Node on Dawn, and prints milliseconds, tokens and operations a second.
A software adapter is no GPU: its numbers say nothing of one.

  --peak TFLOPS   float32 peak of the GPU, of which shares are printed
  --quick         the smallest shape and batches: shows that it works
  --minutes N     longest time of all (8); what does not fit is printed as not run
  --out FILE      writes the measurements as JSON
  --on-paper      instead: what each dispatch needs, and what three GPUs would take; into docs/benchmarks.md`

const DTYPES: readonly GpuDtype[] = ['q8', 'fp16', 'fp32']
const BATCHES = [
  { texts: 1, tokens: 16 },
  { texts: 8, tokens: 64 },
  { texts: 32, tokens: 128 },
  { texts: 32, tokens: 512 },
]

const DOCS = join(import.meta.dirname, '../../docs/benchmarks.md')
const MARKERS = ['<!-- on paper -->', '<!-- /on paper -->'] as const

const { values } = parseArgs({
  options: {
    peak: { type: 'string' },
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '8' },
    out: { type: 'string' },
    'on-paper': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

function resultText({ adapter, rows, notRun }: GpuBenchResult, peak: number | undefined): string {
  const head = [
    'shape',
    'dtype',
    'batch',
    'ms',
    'tokens/s',
    'GFLOP/s',
    'of the peak',
    'weights MB',
    'scratch MB',
    'tile',
  ]
  const lines = rows.map((row) => {
    const shape = SHAPES.find(({ name }) => name === row.shape)
    const steps = shape === undefined ? [] : countSteps(shape, row)
    const operations = steps.reduce((sum, step) => sum + step.count * step.operations, 0)
    const perSecond = (operations * 1000) / row.ms
    return [
      row.shape,
      row.dtype,
      `[${row.texts}, ${row.tokens}]`,
      row.ms.toFixed(2),
      ((row.texts * row.tokens * 1000) / row.ms).toFixed(0),
      (perSecond / 1e9).toFixed(1),
      peak === undefined ? '-' : `${((100 * perSecond) / peak).toFixed(1)} %`,
      (row.weights / 1e6).toFixed(1),
      (row.scratch / 1e6).toFixed(1),
      row.tile,
    ]
  })
  const kind = adapter.isFallback ? 'a software adapter, which is no GPU' : 'a GPU'
  const cpu = cpus()[0]?.model ?? 'unknown'
  return [
    `${adapter.vendor} ${adapter.description} (${kind}), Node ${process.version}, ${cpu}`,
    '',
    formatTable({ head, lines }),
    ...notRun.map((text) => `not run: ${text}`),
  ].join('\n')
}

/** Reads a number above 0. */
function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  process.stderr.write(`Cannot read --${name} as it must be a number above 0: current value is ${text}\n\n${HELP}\n`)
  return process.exit(2)
}

/** Puts the table between its markers. */
function writeOnPaper(text: string): void {
  const docs = readFileSync(DOCS, 'utf8')
  const [start, end] = MARKERS.map((marker) => docs.indexOf(marker)) as [number, number]
  if (start < 0 || end < start) throw new Error(`Cannot write the table as ${DOCS} lacks ${MARKERS.join(' and ')}`)
  writeFileSync(DOCS, `${docs.slice(0, start + MARKERS[0].length)}\n\n${text}\n\n${docs.slice(end)}`)
}

async function openDawn(): Promise<GPU> {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  return create([])
}

if (values.help) {
  process.stdout.write(`${HELP}\n`)
} else if (values['on-paper']) {
  const text = onPaper()
  process.stdout.write(`${text}\n`)
  writeOnPaper(text)
} else {
  const peak = values.peak === undefined ? undefined : numberOf('peak', values.peak) * 1e12
  const gpu = await openDawn()
  const result = await measureGpu(gpu, {
    shapes: values.quick ? SHAPES.slice(0, 1) : SHAPES,
    dtypes: DTYPES,
    batches: values.quick ? BATCHES.slice(0, 2) : BATCHES,
    limitMs: numberOf('minutes', values.minutes) * 60_000,
  })
  const text = resultText(result, peak)
  process.stdout.write(`${text}\n`)
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`)
}
// Dawn keeps threads of its own.
process.exit()
