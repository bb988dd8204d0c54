import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ended, MODEL, rowsKept, run, runWell, start, untilKept } from './command-line.js'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Several parts of 512 rows. */
const ROWS = 4000

const shared = mkdtempSync(join(tmpdir(), 'nestling-resume-'))
const input = join(shared, 'in.jsonl')
const WORDS = ['river', 'boat', 'child', 'red bridge', 'spring', 'bird', 'stone', 'winter night', 'song', 'garden']

beforeAll(async () => {
  const textOf = (row: number): string =>
    Array.from({ length: 3 + (row % 9) }, (_, place) => WORDS[(row * 7 + place * 3) % WORDS.length]).join(' ')
  const lines = Array.from({ length: ROWS }, (_, row) => JSON.stringify({ text: `${row} ${textOf(row)}`, row }))
  writeFileSync(input, `${lines.join('\n')}\n`)
  for (const name of ['one.npy', 'one.jsonl']) await runWell(embed(join(shared, name)))
})
afterAll(() => {
  rmSync(shared, { recursive: true, force: true })
})

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestling-resume-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function embed(out: string, ...more: string[]): string[] {
  return ['embed', input, '-o', out, '-m', MODEL, ...more]
}

/** Starts a run and kills it when so many rows are kept, or a little later. */
async function killAt(out: string, rows: number, laterMs = 0): Promise<void> {
  const child = start(embed(out))
  await untilKept(out, rows, child)
  await new Promise((resolve) => setTimeout(resolve, laterMs))
  child.kill('SIGKILL')
  await ended(child)
}

describe('a run that is killed', () => {
  it.each(['npy', 'jsonl'])('goes on, and the .%s is that of one run, byte for byte', async (ending) => {
    const out = join(folder, `out.${ending}`)
    const kept: number[] = []
    for (let turn = 1; turn <= 3; turn++) {
      await killAt(out, rowsKept(out) + 512, Math.random() * 200)
      expect(existsSync(out)).toBe(false)
      kept.push(rowsKept(out))
    }
    const [first = 0, second = 0, third = 0] = kept
    expect(first).toBeGreaterThan(0)
    expect(second).toBeGreaterThan(first)
    expect(third).toBeGreaterThan(second)
    const summary = JSON.parse(await runWell(embed(out, '--json'))) as { rows: number; resumedFrom: number }
    expect(summary).toMatchObject({ rows: ROWS, resumedFrom: third })
    expect(readFileSync(out).equals(readFileSync(join(shared, `one.${ending}`)))).toBe(true)
    expect(readdirSync(folder)).toEqual([`out.${ending}`])
  })

  it('cuts off a torn tail', async () => {
    const out = join(folder, 'out.jsonl')
    await killAt(out, 512)
    appendFileSync(`${out}.part`, '{"text":"torn","embedd')
    await runWell(embed(out))
    expect(readFileSync(out).equals(readFileSync(join(shared, 'one.jsonl')))).toBe(true)
  })

  it('does not go on with other options or a changed input, and begins again with --restart', async () => {
    const out = join(folder, 'out.npy')
    await killAt(out, 512)
    const before = rowsKept(out)
    const other = await run(embed(out, '--normalize', '--dims', '16'))
    expect(other.code).toBe(1)
    expect(other.errors).toMatch(
      /^Cannot go on with .*out\.npy\.part as it was begun with another model, other options/,
    )
    const changed = join(folder, 'changed.jsonl')
    writeFileSync(changed, readFileSync(input, 'utf8').replace('"0 ', '"zero '))
    const args = ['embed', changed, '-o', out, '-m', MODEL]
    const another = await run(args)
    expect(another.code).toBe(1)
    expect(another.errors).toMatch(
      /^Cannot go on as the input must begin with the \d+ rows that are done: it has changed\n/,
    )
    expect(rowsKept(out)).toBe(before)
    await runWell([...args, '--restart'])
    expect(readFileSync(out).equals(readFileSync(join(shared, 'one.npy')))).toBe(false)
    expect(readdirSync(folder).sort()).toEqual(['changed.jsonl', 'out.npy'])
  })
})

describe('an interrupt', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s ends after the rows in flight, says how to go on, and keeps them',
    async (signal) => {
      const out = join(folder, 'out.npy')
      const child = start(embed(out, '-q'))
      await untilKept(out, 512, child)
      child.kill(signal)
      const { code, errors } = await ended(child)
      expect(code).toBe(130)
      expect(errors).toBe(
        `Ended by ${signal}: ${rowsKept(out)} rows are kept, and the same command goes on from there\n`,
      )
      await runWell(embed(out))
      expect(readFileSync(out).equals(readFileSync(join(shared, 'one.npy')))).toBe(true)
    },
  )

  it('ends a run that waits for a silent pipe, with nothing left behind', async () => {
    const out = join(folder, 'out.npy')
    const child = start(['embed', '-', '-o', out, '-m', MODEL])
    while (!existsSync(`${out}.part`)) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGINT')
    expect(await ended(child)).toMatchObject({ code: 130, errors: expect.stringMatching(/^Ended by SIGINT/) as string })
    expect(readdirSync(folder)).toEqual([])
  })

  it('ends at once when it comes twice', async () => {
    const out = join(folder, 'out.npy')
    const child = start(embed(out))
    await untilKept(out, 512, child)
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect((await ended(child)).code).toBe(130)
    await runWell(embed(out))
    expect(readFileSync(out).equals(readFileSync(join(shared, 'one.npy')))).toBe(true)
  })
})

it('lets one of two processes write a file', async () => {
  const out = join(folder, 'out.npy')
  const first = start(embed(out))
  await untilKept(out, 512, first)
  // It must not be done before the second one looks.
  expect(first.kill('SIGSTOP')).toBe(true)
  const second = await run(embed(out))
  first.kill('SIGCONT')
  expect(second.code).toBe(1)
  expect(second.errors).toMatch(/^Cannot write .*out\.npy as another process is writing it\n/)
  expect((await ended(first)).code).toBe(0)
  expect(readFileSync(out).equals(readFileSync(join(shared, 'one.npy')))).toBe(true)
})
