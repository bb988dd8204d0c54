import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BenchSession, callPage, fileOf } from '../session.js'
import type { BenchContext, CaseResult } from './bench-context.js'

/** Files of the benchmark itself. */
const OWN_FILES = /^\/page\/|^\/bundle\/compare\.js$/

const CODE = new Set(['.js', '.mjs', '.wasm'])

/** What a first visit downloads. */
interface DownloadRow {
  readonly name: string
  readonly runtimeGzipBytes: number
  readonly runtimeBytes: number
  readonly modelBytes: number
  readonly files: readonly string[]
}

/**
 * Measures (e): what the server sends to a new profile until the first vector.
 *
 * @returns The measurements.
 */
export async function runDownloadCase(context: BenchContext): Promise<CaseResult> {
  const entries = context.entries.filter(({ isVariant, name }) => !isVariant && name !== 'nestling, one worker')
  const rows: DownloadRow[] = []
  for (const { spec, name } of entries) {
    const session = await BenchSession.start(context)
    try {
      const page = await session.open()
      await callPage(page, 'coldStart', spec, session.urls)
      rows.push(toRow(name.replace(/, pool|, batches of 32/, ''), session.takeSent(), context.peer))
    } finally {
      await session.close()
    }
  }
  const base = rows.find(({ name }) => name.startsWith('transformers.js q8'))
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(3)
  const head = ['', 'runtime MB (gzip)', 'runtime MB', 'model MB', 'runtime x peer q8 (gzip)', 'files']
  const lines = rows.map((row) => [
    row.name,
    megabytes(row.runtimeGzipBytes),
    megabytes(row.runtimeBytes),
    megabytes(row.modelBytes),
    base === undefined || row === base ? '-' : (row.runtimeGzipBytes / base.runtimeGzipBytes).toFixed(4),
    String(row.files.length),
  ])
  return { id: 'e', title: 'bytes downloaded', isolated: context.isolated, rows, table: { head, lines } }
}

function toRow(name: string, sent: readonly string[], peer: string): DownloadRow {
  const files = [...new Set(sent)].filter((path) => !OWN_FILES.test(path))
  const sum = (paths: readonly string[], size: (bytes: Buffer) => number): number =>
    paths.reduce((total, path) => total + size(readFileSync(fileOf(path, peer))), 0)
  const code = files.filter((path) => CODE.has(extname(path)))
  const others = files.filter((path) => !CODE.has(extname(path)))
  return {
    name,
    runtimeGzipBytes: sum(code, (bytes) => gzipSync(bytes, { level: 9 }).byteLength),
    runtimeBytes: sum(code, ({ byteLength }) => byteLength),
    modelBytes: sum(others, ({ byteLength }) => byteLength),
    files,
  }
}
