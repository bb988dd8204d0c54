import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { CliError } from '../../src/cli/cli-error.js'
import { chooseSink } from '../../src/cli/embed/choose-sink.js'
import type { EmbeddingSink, SinkJob } from '../../src/cli/embed/embedding-sink.js'
import { runWriter } from './killed-writer.js'
import { checkpointAt, jobOf, rowsFrom } from './sink-rows.js'
import { goOnAndBeginAnew, writeWithKills } from './unfinished-runs.js'

// A Postgres starts in WASM and makes its cluster: 12 to 20 s beside other jobs on two cores.
const START_TIMEOUT_MS = 120_000
const TIMEOUT_MS = 60_000

/** `pg` is installed for this package. */
const CWD = join(import.meta.dirname, '../..')

let lite: PGlite
let server: PGLiteSocketServer

beforeAll(async () => {
  lite = await PGlite.create({ extensions: { vector } })
  server = await startServer()
}, START_TIMEOUT_MS)

afterAll(async () => {
  await server.stop()
  await lite.close()
}, START_TIMEOUT_MS)

/** What a test opened and did not close, as it failed. */
const opened: EmbeddingSink[] = []

afterEach(async () => {
  for (const sink of opened.splice(0)) await sink.abort()
})

async function startServer(): Promise<PGLiteSocketServer> {
  const started = new PGLiteSocketServer({ db: lite, port: 0, maxConnections: 10 })
  await started.start()
  return started
}

function urlOf(table: string): string {
  return `postgres://postgres:s3cret%21@${server.getServerConn()}/postgres?table=${encodeURIComponent(table)}`
}

async function openSink(table: string, job?: Partial<SinkJob>, url = urlOf(table)) {
  const sink = await chooseSink(url, { cwd: CWD })
  opened.push(sink)
  return { sink, kept: await sink.open(jobOf(job)) }
}

async function refusalOf(run: Promise<unknown>): Promise<string> {
  const error: unknown = await run.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(error).toBeInstanceOf(CliError)
  const { message } = error as CliError
  expect(message.split('\n')).toHaveLength(2)
  expect(message).not.toMatch(/s3cret/)
  return message
}

async function rowsOf(table: string): Promise<unknown[]> {
  const sql = `select id, embedding::text as embedding, text, fields from "${table}" order by length(id), id`
  return (await lite.query(sql)).rows
}

function expectedRows(count: number): unknown[] {
  return Array.from({ length: count }, (_, index) => {
    return { id: `r${index}`, embedding: `[${index},1,0.5]`, text: `text ${index}`, fields: { number: index } }
  })
}

/** Writes all of a table at once. */
async function fill(table: string, count: number, job?: Partial<SinkJob>): Promise<void> {
  const { sink } = await openSink(table, job)
  await sink.write(rowsFrom(0, count), checkpointAt(count))
  await sink.finish()
}

describe('a table of Postgres', { timeout: TIMEOUT_MS }, () => {
  it('gets every row with its text and fields, and says its space as createPgvectorTable has it', async () => {
    const { sink, kept } = await openSink('all "rows"')
    expect(kept).toBeUndefined()
    expect(sink.name).not.toMatch(/s3cret/)
    await sink.write(rowsFrom(0, 700), checkpointAt(700))
    await sink.write(rowsFrom(700, 5), checkpointAt(705))
    await sink.finish()
    const sql = `select id, embedding::text as embedding, text, fields from "all ""rows""" order by length(id), id`
    expect((await lite.query(sql)).rows).toEqual(expectedRows(705))
    const comment = await lite.query(`select obj_description('"all ""rows"""'::regclass) as comment`)
    expect(comment.rows).toEqual([{ comment: 'nestling space space one' }])
    const nearest = await lite.query(`select id from "all ""rows""" order by embedding <-> '[311.4,1,0.5]' limit 3`)
    expect(nearest.rows).toEqual([{ id: 'r311' }, { id: 'r312' }, { id: 'r310' }])
  })

  it('has each row once where processes were killed while they wrote', async () => {
    const writing = { target: urlOf('killed'), cwd: CWD, rows: 100, batch: 7 }
    await writeWithKills(writing)
    expect(await rowsOf('killed')).toEqual(expectedRows(100))
  })

  it('goes on where a run ended, and not with another input', async () => {
    await goOnAndBeginAnew((job) => openSink('broken', job), refusalOf)
    expect(await rowsOf('broken')).toEqual(expectedRows(1))
  })

  it('is not written twice, unless it is to be replaced, then also by longer vectors of another model', async () => {
    await fill('done', 3)
    expect(await refusalOf(openSink('done'))).toMatch(/it is finished\n.*--overwrite/)
    expect(await refusalOf(openSink('done', { isRestart: true }))).toMatch(/it is finished/)
    const { sink } = await openSink('done', { isOverwrite: true, dim: 4, space: { id: 'space two', model: 'other' } })
    const longer = rowsFrom(0, 1).map((row) => ({ ...row, vector: Float32Array.of(1, 2, 3, 4) }))
    await sink.write(longer, checkpointAt(1))
    await sink.finish()
    expect(await rowsOf('done')).toMatchObject([{ id: 'r0', embedding: '[1,2,3,4]' }])
    const comment = await lite.query(`select obj_description('done'::regclass) as comment`)
    expect(comment.rows).toEqual([{ comment: 'nestling space space two' }])
  })

  it('is not mixed with vectors of another model or another length', async () => {
    await fill('mixed', 3)
    expect(await refusalOf(openSink('mixed', { space: { id: 'space two', model: 'other' } }))).toMatch(
      /same model: current spaces are space one and space two/,
    )
    expect(await refusalOf(openSink('mixed', { dim: 4 }))).toMatch(
      /must have 4 components: current type is vector\(3\)/,
    )
    expect(await rowsOf('mixed')).toEqual(expectedRows(3))
  })

  it('may be one that createPgvectorTable made, without other columns, and holds nothing of others', async () => {
    await lite.exec('create table plain (id text primary key, embedding vector(3) not null)')
    const { sink } = await openSink('plain')
    await sink.write(rowsFrom(0, 2), checkpointAt(2))
    await sink.finish()
    const { rows } = await lite.query('select * from plain order by id')
    expect(rows).toEqual([
      { id: 'r0', embedding: '[0,1,0.5]' },
      { id: 'r1', embedding: '[1,1,0.5]' },
    ])
    await lite.exec(`create table theirs (id text primary key, embedding vector(3) not null);
      insert into theirs values ('a', '[1,2,3]')`)
    expect(await refusalOf(openSink('theirs'))).toMatch(/rows that no run of this command wrote/)
    await lite.exec('create table numbers (id int primary key, value float4)')
    expect(await refusalOf(openSink('numbers'))).toMatch(/"id text" and "embedding vector": .* id, value/)
    // A table that was dropped and made anew is another.
    await lite.exec('drop table plain; create table plain (id text primary key, embedding vector(3) not null)')
    expect((await openSink('plain')).kept).toBeUndefined()
  })

  it('keeps the last of equal ids, and texts that Postgres has no characters for', async () => {
    const { sink } = await openSink('odd')
    const [first, second, third] = rowsFrom(0, 3)
    if (first === undefined || second === undefined || third === undefined) throw new Error('no rows')
    const odd = { ...second, text: 'zero \0 \\u0000', fields: { a: '\0 \ud800 \\u0000', 'k\0': 1 } }
    await sink.write([first, odd, { ...third, id: 'r0' }], checkpointAt(3))
    await sink.finish()
    expect(await rowsOf('odd')).toEqual([
      { id: 'r0', embedding: '[2,1,0.5]', text: 'text 2', fields: { number: 2 } },
      {
        id: 'r1',
        embedding: '[1,1,0.5]',
        text: 'zero \ufffd \\u0000',
        fields: { a: '\ufffd \ufffd \\u0000', 'k\ufffd': 1 },
      },
    ])
  })

  it('lets go of a run that another process went on with', async () => {
    const { sink } = await openSink('two')
    await sink.write(rowsFrom(0, 2), checkpointAt(2))
    await lite.exec(`update nestling_progress set rows = 9 where table_name = 'two'`)
    expect(await refusalOf(sink.write(rowsFrom(2, 2), checkpointAt(4)))).toMatch(/another process writes it/)
    expect(await rowsOf('two')).toEqual(expectedRows(2))
  })
})

describe('what cannot be written', { timeout: TIMEOUT_MS }, () => {
  it.each([
    ['int8', 'postgres://localhost/x', /vectors must be float32: current precision is int8/],
    ['float32', 'postgres://user:s3cret@host:port/x', /cannot be read as a URL/],
    ['float32', 'postgres://user:s3cret@localhost/x?table=', /1 to 63 bytes/],
    ['float32', `postgres://user:s3cret@localhost/x?table=${'é'.repeat(32)}`, /1 to 63 bytes/],
  ] as const)('is refused before anything is connected: %s to %s', async (precision, url, message) => {
    expect(await refusalOf(openSink('', { precision }, url))).toMatch(message)
  })

  it('is named where pg is not installed', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'nestling-sink-'))
    const { errors } = await runWriter({ target: urlOf('t'), cwd: empty, rows: 1, batch: 1 })
    expect(errors).toMatch(/Cannot write to Postgres as pg is not installed for .*\nRun npm install pg,/)
    expect(errors).not.toMatch(/s3cret/)
    rmSync(empty, { recursive: true })
  })

  it('is named where the user may not', async () => {
    // All connections to PGlite are one session, and one role.
    await lite.exec('create role reader; set role reader')
    try {
      expect(await refusalOf(openSink('forbidden'))).toMatch(/the user may not: permission denied.*\n.*grant/)
    } finally {
      await lite.exec('reset role')
    }
  })

  it('is named where the extension is not there', async () => {
    const bare = await PGlite.create()
    const other = new PGLiteSocketServer({ db: bare, port: 0 })
    await other.start()
    const url = `postgres://postgres@${other.getServerConn()}/postgres`
    expect(await refusalOf(openSink('', {}, url))).toMatch(/the extension vector is missing: .*\nInstall pgvector/)
    await other.stop()
    await bare.close()
  })

  it('is named where nobody listens, or hangs up', async () => {
    const listener = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as { port: number }
    const url = `postgres://user:s3cret@127.0.0.1:${port}/x`
    expect(await refusalOf(openSink('', {}, url))).toMatch(/the connection was lost/)
    await new Promise((resolve) => listener.close(resolve))
    expect(await refusalOf(openSink('', {}, url))).toMatch(/the server cannot be reached: .*ECONNREFUSED/)
  })

  it('is named where the server ends in the middle, and the next run goes on', async () => {
    const { sink } = await openSink('ended')
    await sink.write(rowsFrom(0, 5), checkpointAt(5))
    await server.stop()
    expect(await refusalOf(sink.write(rowsFrom(5, 5), checkpointAt(10)))).toMatch(/the connection was lost.*\nRun the/)
    await sink.abort()
    server = await startServer()
    const again = await openSink('ended')
    expect(again.kept).toEqual(checkpointAt(5))
    await again.sink.write(rowsFrom(5, 5), checkpointAt(10))
    await again.sink.finish()
    expect(await rowsOf('ended')).toEqual(expectedRows(10))
  })
})
