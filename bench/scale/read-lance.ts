import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import type { SearchWay, TableReader } from './table-reader.js'

/** What is used of `@lancedb/lancedb`. */
interface Lance {
  connect(folder: string): Promise<{ openTable(name: string): Promise<Table> }>
  readonly Index: { ivfPq(options: Readonly<Record<string, unknown>>): unknown }
}

interface Table {
  countRows(): Promise<number>
  createIndex(column: string, options: { readonly config: unknown }): Promise<void>
  listIndices(): Promise<readonly unknown[]>
  search(query: Float32Array): Query
}

interface Query {
  distanceType(type: 'cosine'): Query
  nprobes(count: number): Query
  refineFactor(factor: number): Query
  bypassVectorIndex(): Query
  select(names: readonly string[]): Query
  limit(count: number): Query
  toArray(): Promise<readonly { readonly id: string }[]>
}

/** How many partitions are looked at, and how many rows a wanted one are compared again by their floats. */
const SETTINGS = [
  { probes: 20, refine: 1 },
  { probes: 20, refine: 10 },
  { probes: 50, refine: 20 },
]

/**
 * Opens a table of Lance.
 *
 * @param target - Its folder.
 * @param cwd - Where `@lancedb/lancedb` is installed.
 */
export async function readLance(target: string, cwd: string): Promise<TableReader> {
  process.env['LANCEDB_LOG'] ??= 'error'
  process.env['RUST_LOG'] ??= 'error'
  const require = createRequire(join(cwd, 'package.json'))
  const lance = require('@lancedb/lancedb') as Lance
  const manifest = join(cwd, 'node_modules/@lancedb/lancedb/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const table = await (await lance.connect(dirname(target))).openTable(basename(target, '.lance'))
  const run = async (query: Query, topK: number): Promise<readonly string[]> => {
    const rows = await query.distanceType('cosine').select(['id', '_distance']).limit(topK).toArray()
    return rows.map(({ id }) => id)
  }
  const exact: SearchWay = {
    name: 'no index',
    prepare: () => Promise.resolve(),
    find: (query, topK) => run(table.search(query).bypassVectorIndex(), topK),
  }
  const makeIndex = async (): Promise<void> => {
    if ((await table.listIndices()).length > 0) return
    await table.createIndex('embedding', {
      config: lance.Index.ivfPq({ distanceType: 'cosine', numSubVectors: 96, maxIterations: 15 }),
    })
  }
  const ways = SETTINGS.map(({ probes, refine }): SearchWay => {
    return {
      name: `IVF_PQ, nprobes ${probes}, refineFactor ${refine}`,
      prepare: makeIndex,
      find: (query, topK) => run(table.search(query).nprobes(probes).refineFactor(refine), topK),
    }
  })
  return {
    versions: `@lancedb/lancedb ${version}`,
    ways: [exact, ...ways],
    count: () => table.countRows(),
    close: () => Promise.resolve(),
  }
}
