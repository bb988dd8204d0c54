import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { describeRecordStorage } from './record-storage.contract.js'
import { temporaryFiles } from './temporary-files.contract.js'

const [open, wipe, folder] = temporaryFiles()
describeRecordStorage('files', open, wipe)

describe('FileStorage', () => {
  afterEach(wipe)

  it('finds no record in a file that is not as it was written', async () => {
    const storage = await open()
    await storage.commit([
      { put: 'uses', key: ['a'], value: 1 },
      { put: 'uses', key: ['b'], value: 2 },
    ])
    const file = join(folder, 'uses/sa.bin')
    const bytes = readFileSync(file)
    for (const damaged of [
      bytes.map((byte) => byte ^ 1),
      bytes.subarray(0, 3),
      bytes.subarray(0, 6),
      Buffer.alloc(0),
    ]) {
      writeFileSync(file, damaged)
      expect(await storage.get('uses', ['a'])).toBeUndefined()
      expect(await storage.list('uses', [])).toEqual([{ key: ['b'], value: 2 }])
    }
  })

  it('finishes what a process had decided that died, also where it had begun, and nothing else', async () => {
    const storage = await open()
    for (const key of ['old', 'a', 'b']) await storage.commit([{ put: 'uses', key: [key], value: key.length }])
    // As a process leaves it that dies after the first of three steps: `a` is in its place, `b` waits aside, `old` is not deleted.
    const commits = join(folder, 'commits')
    mkdirSync(join(commits, 'dead'))
    renameSync(join(folder, 'uses/sb.bin'), join(commits, 'dead/1'))
    const journal = { id: 'dead', puts: ['uses/sa.bin', 'uses/sb.bin'], deletes: ['uses/sold.bin'] }
    writeFileSync(join(commits, 'dead.json'), JSON.stringify(journal))
    // Undecided, and one that a power cut has emptied.
    mkdirSync(join(commits, 'undecided'))
    writeFileSync(join(commits, 'undecided/0'), 'x')
    writeFileSync(join(commits, 'empty.json'), '')
    const next = await open()
    expect(await next.keys('uses', [])).toEqual([['a'], ['b']])
    expect(readdirSync(commits)).toEqual([])
  })

  it('rejects with a typed error where the folder cannot be written', async () => {
    writeFileSync(folder, '')
    const error: unknown = await open().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'store-unavailable', details: { reason: 'ENOTDIR' } })
    expect((error as Error).message).toContain('NESTLING_CACHE')
  })

  it('leaves all or nothing of a commit when its process is killed', { timeout: 60_000 }, async () => {
    let last = 0
    for (const delayMs of [0, 3, 11, 20, 37, 50, 71]) {
      const writer = await startWriter(last)
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      writer.kill('SIGKILL')
      await once(writer, 'exit')
      const storage = await open()
      const values = (await storage.list('uses', [])).map(({ value }) => value)
      // Each commit of the writer puts its number into all records, and deletes one that the commit before had put.
      expect(new Set(values).size).toBe(1)
      expect(values).toHaveLength(RECORDS)
      const [now = 0] = values
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
    expect(last).toBeGreaterThan(7)
  })

  it('is of two processes at once', { timeout: 60_000 }, async () => {
    const [a, b] = await Promise.all([startWriter(0), startWriter(0)])
    const storage = await open()
    for (let time = 0; time < 20; time++)
      await storage.commit([{ put: 'models', key: [String(time)], value: {} as never }])
    a.kill('SIGKILL')
    b.kill('SIGKILL')
    await Promise.all([once(a, 'exit'), once(b, 'exit')])
    await open()
    expect(await storage.keys('models', [])).toHaveLength(20)
    const values = (await storage.list('uses', [])).map(({ value }) => value)
    expect(new Set(values).size).toBe(1)
  })
})

/** Records of each commit of the writer. */
const RECORDS = 5

/** A process that commits without end, started when its first commit is done. */
async function startWriter(first: number): Promise<ChildProcess> {
  const writer = fork(
    join(import.meta.dirname, 'endless-writer.contract.ts'),
    [folder, String(first), String(RECORDS)],
    {
      execArgv: ['--import', 'tsx'],
    },
  )
  await once(writer, 'message')
  return writer
}
