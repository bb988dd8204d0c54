import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { CliError } from '../../src/cli/cli-error.js'
import { chooseSink } from '../../src/cli/embed/choose-sink.js'
import type { EmbeddingSink, SinkJob } from '../../src/cli/embed/embedding-sink.js'
import { runWriter } from './killed-writer.js'
import { checkpointAt, jobOf, rowsFrom } from './sink-rows.js'
import { goOnAndBeginAnew, writeWithKills } from './unfinished-runs.js'

const TIMEOUT_MS = 60_000

/** Where `tools/install-lancedb.mjs` puts it. */
const CWD = join(import.meta.dirname, '../../../../node_modules/.cache/lancedb')
const isInstalled = existsSync(join(CWD, 'node_modules/@lancedb/lancedb'))

/** What the tests read with, by another way than the sink. */
interface Lance {
  connect(folder: string): Promise<{
    openTable(name: string): Promise<{
      countRows(): Promise<number>
      schema(): Promise<{ fields: { name: string }[] }>
      query(): Query
      search(vector: number[]): Query & { limit(count: number): Query }
      delete(condition: string): Promise<unknown>
    }>
    createTable(name: string, rows: object[]): Promise<unknown>
  }>
}

interface Query {
  toArray(): Promise<{ id: string; embedding: Iterable<number>; text: string; fields: string }[]>
}

let folder: string
let lance: Lance

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestling-lance-'))
  if (isInstalled) lance = createRequire(join(CWD, 'package.json'))('@lancedb/lancedb') as Lance
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const opened: EmbeddingSink[] = []

afterEach(async () => {
  for (const sink of opened.splice(0)) await sink.abort()
})

function needsLance(ctx: TestContext): void {
  ctx.skip(!isInstalled, 'not run: @lancedb/lancedb is not installed; node tools/install-lancedb.mjs does it')
}

async function openSink(name: string, job?: Partial<SinkJob>) {
  const sink = await chooseSink(join(folder, `${name}.lance`), { cwd: CWD })
  opened.push(sink)
  try {
    return { sink, kept: await sink.open(jobOf(job)) }
  } catch (error) {
    await sink.abort()
    throw error
  }
}

async function refusalOf(run: Promise<unknown>): Promise<string> {
  const error: unknown = await run.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(CliError)
  const { message } = error as CliError
  expect(message.split('\n')).toHaveLength(2)
  return message
}

async function tableOf(name: string) {
  return await (await lance.connect(folder)).openTable(name)
}

async function rowsOf(name: string): Promise<unknown[]> {
  const found = await (await tableOf(name)).query().toArray()
  return found
    .map(({ id, embedding, text, fields }) => ({ id, embedding: [...embedding], text, fields }))
    .sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))
}

function expectedRows(count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => {
    return { id: `r${index}`, embedding: [index, 1, 0.5], text: `text ${index}`, fields: `{"number":${index}}` }
  })
}

async function fill(name: string, count: number): Promise<void> {
  const { sink } = await openSink(name)
  await sink.write(rowsFrom(0, count), checkpointAt(count))
  await sink.finish()
}

describe('a table of Lance', { timeout: TIMEOUT_MS }, () => {
  it('gets every row with its text and fields', async (ctx) => {
    needsLance(ctx)
    const { sink, kept } = await openSink('all')
    expect(kept).toBeUndefined()
    await sink.write(rowsFrom(0, 700), checkpointAt(700))
    await sink.write(rowsFrom(700, 5), checkpointAt(705))
    await sink.finish()
    expect(await rowsOf('all')).toEqual(expectedRows(705))
    const table = await tableOf('all')
    expect((await table.schema()).fields.map(({ name }) => name)).toEqual(['id', 'embedding', 'text', 'fields'])
    const nearest = await table.search([311.4, 1, 0.5]).limit(3).toArray()
    expect(nearest.map(({ id }) => id)).toEqual(['r311', 'r312', 'r310'])
  })

  it('has each row once where processes were killed while they wrote', async (ctx) => {
    needsLance(ctx)
    const writing = { target: join(folder, 'killed.lance'), cwd: CWD, rows: 100, batch: 7 }
    await writeWithKills(writing)
    expect(await rowsOf('killed')).toEqual(expectedRows(100))
  })

  it('goes on where a run ended, and not with another input', async (ctx) => {
    needsLance(ctx)
    await goOnAndBeginAnew((job) => openSink('broken', job), refusalOf)
    expect(await rowsOf('broken')).toEqual(expectedRows(1))
  })

  it('goes on where a run ended before its first row', async (ctx) => {
    needsLance(ctx)
    const { sink } = await openSink('early')
    await sink.abort()
    expect((await openSink('early')).kept).toEqual({ rows: 0, inputDigest: undefined })
  })

  it('is not written twice, unless it is to be replaced, then also by longer vectors of another model', async (ctx) => {
    needsLance(ctx)
    await fill('done', 3)
    expect(await refusalOf(openSink('done'))).toMatch(/it is finished\n.*--overwrite/)
    expect(await refusalOf(openSink('done', { isRestart: true }))).toMatch(/it is finished/)
    const { sink } = await openSink('done', { isOverwrite: true, dim: 4, space: { id: 'space two', model: 'other' } })
    const longer = rowsFrom(0, 1).map((row) => ({ ...row, vector: Float32Array.of(1, 2, 3, 4) }))
    await sink.write(longer, checkpointAt(1))
    await sink.finish()
    expect(await rowsOf('done')).toMatchObject([{ id: 'r0', embedding: [1, 2, 3, 4] }])
  })

  it('is not mixed with vectors of another model or another length, or what others wrote', async (ctx) => {
    needsLance(ctx)
    await fill('mixed', 3)
    expect(await refusalOf(openSink('mixed', { space: { id: 'space two', model: 'other' } }))).toMatch(
      /same model: current spaces are space one and space two/,
    )
    expect(await refusalOf(openSink('mixed', { dim: 4 }))).toMatch(/must have 4 components: current number is 3/)
    expect(await rowsOf('mixed')).toEqual(expectedRows(3))
    await (await lance.connect(folder)).createTable('theirs', [{ id: 'a', embedding: [1, 2, 3] }])
    expect(await refusalOf(openSink('theirs'))).toMatch(/no run of this command made it/)
  })

  it('has one writer, and says where it has rows that none of the command wrote', async (ctx) => {
    needsLance(ctx)
    const { sink } = await openSink('two')
    await sink.write(rowsFrom(0, 2), checkpointAt(2))
    expect(await refusalOf(openSink('two'))).toMatch(/another process writes it\nWait/)
    // On another machine nobody sees the lock.
    await (await tableOf('two')).delete("id = 'r0'")
    expect(await refusalOf(sink.write(rowsFrom(2, 2), checkpointAt(4)))).toMatch(/holds 1 rows in the place of 2/)
    await sink.abort()
    expect(await refusalOf(openSink('two'))).toMatch(/must hold 2 rows, .*: current number is 1/)
  })

  it('is refused where it cannot be: a name, a precision, a folder, no library', async (ctx) => {
    expect(await refusalOf(openSink('a b'))).toMatch(/letters, digits/)
    expect(await refusalOf(openSink('t', { precision: 'int8' }))).toMatch(/must be float32: .* int8/)
    const { errors } = await runWriter({ target: join(folder, 'x.lance'), cwd: folder, rows: 1, batch: 1 })
    expect(errors).toMatch(/@lancedb\/lancedb is not installed for .*\nRun npm install @lancedb\/lancedb apache-arrow/)
    needsLance(ctx)
    writeFileSync(join(folder, 'file'), '')
    expect(await refusalOf(openSink('file/t'))).toMatch(/as Lance answers: [^\n]*\n/)
    mkdirSync(join(folder, 'empty.lance'))
    expect(await refusalOf(openSink('empty'))).toMatch(/as Lance answers: Table 'empty' was not found\n/)
  })
})
