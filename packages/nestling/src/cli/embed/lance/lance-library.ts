import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { importPeer } from '../import-peer.js'

/** What is used of a schema of Apache Arrow. */
export interface ArrowSchema {
  readonly fields: readonly { readonly name: string; readonly type: { readonly listSize?: number } }[]
  readonly metadata: ReadonlyMap<string, string>
}

/** Something of Arrow that is only handed on. */
export type Opaque = Readonly<Record<'', never>>

/** What is used of `apache-arrow`. */
export interface Arrow {
  readonly Utf8: new () => Opaque
  readonly Float32: new () => Opaque
  readonly FixedSizeList: new (size: number, item: Opaque) => Opaque
  readonly Struct: new (fields: ArrowSchema['fields']) => Opaque
  readonly Field: new (name: string, type: Opaque, isNullable: boolean) => Opaque
  readonly Schema: new (fields: readonly Opaque[], metadata?: ReadonlyMap<string, string>) => ArrowSchema
  readonly RecordBatch: new (schema: ArrowSchema, data: Opaque) => Opaque
  readonly Table: new (schema: ArrowSchema, batches: readonly Opaque[]) => Opaque
  makeData(description: Readonly<Record<string, unknown>>): Opaque
  vectorFromArray(values: readonly (string | null)[], type: Opaque): { readonly data: readonly [Opaque] }
}

/** What is used of a table of Lance. */
export interface LanceTable {
  schema(): Promise<ArrowSchema>
  countRows(): Promise<number>
  add(rows: Opaque): Promise<unknown>
  checkoutLatest(): Promise<void>
  dropColumns(names: string[]): Promise<unknown>
  optimize(options?: { readonly cleanupOlderThan: Date }): Promise<unknown>
  query(): {
    where(condition: string): { select(names: string[]): { toArray(): Promise<readonly Record<string, unknown>[]> } }
  }
  close(): void
}

/** What is used of a database of Lance. */
export interface LanceDatabase {
  tableNames(): Promise<readonly string[]>
  openTable(name: string): Promise<LanceTable>
  createEmptyTable(name: string, schema: ArrowSchema, options: { mode: 'create' | 'overwrite' }): Promise<LanceTable>
  close(): void
}

/** `@lancedb/lancedb` and the `apache-arrow` that it reads. */
export interface LanceLibrary {
  readonly connect: (folder: string) => Promise<LanceDatabase>
  readonly arrow: Arrow
}

const LANCEDB = {
  name: '@lancedb/lancedb',
  purpose: 'write to Lance',
  install: '@lancedb/lancedb apache-arrow@18.1.0',
}

/**
 * Imports the library from where its user has it: it is native code of 200 MB.
 *
 * @param cwd - The folder that it is looked for from.
 * @throws {CliError} If it is not installed.
 */
export async function importLance(cwd: string): Promise<LanceLibrary> {
  // It says on standard error that a new table is not there yet.
  process.env['LANCEDB_LOG'] ??= 'error'
  process.env['RUST_LOG'] ??= 'error'
  const { connect } = await importPeer(LANCEDB, cwd)
  const home = createRequire(join(cwd, 'package.json')).resolve(LANCEDB.name)
  const arrow = await importPeer({ ...LANCEDB, name: 'apache-arrow' }, home)
  return { connect: connect as LanceLibrary['connect'], arrow: arrow as unknown as Arrow }
}
