import { cpus } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { chooseSink } from '../packages/nestling/src/cli/embed/choose-sink.js'
import { GrownRows, TOP_K } from './scale/grown-rows.js'
import { readLance } from './scale/read-lance.js'
import { readPostgres } from './scale/read-postgres.js'
import { realVectors } from './scale/real-vectors.js'
import type { SearchWay } from './scale/table-reader.js'
import { formatTable } from './table.js'

/** What is to be measured. */
export interface ScaleBenchOptions {
  /** As `nestling embed --to` has it; nothing may be there yet. */
  readonly target: string
  /** Texts, one a line; gzip or not. */
  readonly corpus: string
  readonly rows: number
  readonly onStep: (text: string) => void
}

/** How one way to find rows did. */
export interface FoundBy {
  readonly name: string
  /** What making its index took, without that of ways before it. */
  readonly madeSeconds: number
  readonly recall: number
  readonly p50Ms: number
  readonly p95Ms: number
}

/** What was measured. */
export interface ScaleBench {
  readonly machine: string
  readonly versions: string
  readonly rows: number
  readonly dim: number
  /** Of writing alone. */
  readonly writtenSeconds: number
  readonly ways: readonly FoundBy[]
}

/** Sentences that rows are grown from. */
const REAL_VECTORS = 4000
const QUERIES = 100
/** Rows a call of `write`. */
const BATCH = 2048
/** Where `tools/install-lancedb.mjs` and the workspace have the packages. */
const LANCEDB = join(import.meta.dirname, '../node_modules/.cache/lancedb')

/**
 * Writes rows into a table as the command does, and measures how they are found again.
 *
 * @param options - Where to and how many.
 * @returns What was measured.
 */
export async function benchScale({ target, corpus, rows, onStep }: ScaleBenchOptions): Promise<ScaleBench> {
  const isLance = target.endsWith('.lance')
  const cwd = isLance ? LANCEDB : import.meta.dirname
  onStep(`encodes ${REAL_VECTORS} sentences`)
  const { data, dim } = await realVectors(corpus, REAL_VECTORS)
  const grown = new GrownRows(data, dim, QUERIES)
  onStep(`writes ${rows} rows`)
  const writtenSeconds = await write(grown, { target, cwd, rows, dim })
  const reader = await (isLance ? readLance(target, cwd) : readPostgres(target))
  try {
    const count = await reader.count()
    if (count !== rows) throw new Error(`${target} must have ${rows} rows: current number is ${count}`)
    const ways: FoundBy[] = []
    for (const way of reader.ways) ways.push(await measure(way, grown, onStep))
    const machine = `${cpus().length} cores of ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}, ${new Date().toISOString()}`
    return { machine, versions: reader.versions, rows, dim, writtenSeconds, ways }
  } finally {
    await reader.close()
  }
}

/** @returns Seconds of writing alone: to grow rows takes longer. */
async function write(
  grown: GrownRows,
  { target, cwd, rows, dim }: { target: string; cwd: string; rows: number; dim: number },
): Promise<number> {
  const sink = await chooseSink(target, { cwd })
  const job = {
    space: { id: 'grown', model: 'grown' },
    precision: 'float32',
    textName: 'text',
    digest: 'grown',
  } as const
  await sink.open({ ...job, dim, isRestart: false, isOverwrite: false })
  let ms = 0
  for (let first = 0; first < rows; first += BATCH) {
    const some = grown.grow(first, Math.min(BATCH, rows - first))
    const started = performance.now()
    await sink.write(some, { rows: first + some.length, inputDigest: undefined })
    ms += performance.now() - started
  }
  const started = performance.now()
  await sink.finish()
  return (ms + performance.now() - started) / 1000
}

async function measure(way: SearchWay, grown: GrownRows, onStep: (text: string) => void): Promise<FoundBy> {
  onStep(`${way.name}: makes what it needs`)
  const started = performance.now()
  await way.prepare()
  const madeSeconds = (performance.now() - started) / 1000
  onStep(`${way.name}: asks ${QUERIES} queries`)
  const times: number[] = []
  let found = 0
  // The first one reads files that are in no cache yet.
  for (const query of grown.queries.slice(0, 5)) await way.find(query, TOP_K)
  for (const [index, query] of grown.queries.entries()) {
    const asked = performance.now()
    const ids = await way.find(query, TOP_K)
    times.push(performance.now() - asked)
    const exact = new Set(grown.exact(index).map(String))
    found += ids.filter((id) => exact.has(id)).length
  }
  times.sort((a, b) => a - b)
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? NaN
  return { name: way.name, madeSeconds, recall: found / (QUERIES * TOP_K), p50Ms: at(0.5), p95Ms: at(0.95) }
}

/**
 * Writes what was measured for people.
 *
 * @returns Lines.
 */
export function scaleBenchText({ machine, versions, rows, dim, writtenSeconds, ways }: ScaleBench): string {
  const head = ['how', 'made in s', `recall@${TOP_K}`, 'p50 ms', 'p95 ms']
  const lines = ways.map(({ name, madeSeconds, recall, p50Ms, p95Ms }) => {
    return [name, madeSeconds.toFixed(0), recall.toFixed(4), p50Ms.toFixed(1), p95Ms.toFixed(1)]
  })
  const written = `${rows} rows of ${dim}, written in ${writtenSeconds.toFixed(0)} s`
  return [machine, versions, written, '', formatTable({ head, lines })].join('\n')
}
