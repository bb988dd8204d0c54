import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readGolden } from '@nestling/testing/disk'
import { decodeFloats, worstError } from '@nestling/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { floatsOf, MODEL, readNpy, run, runWell } from './command-line.js'

vi.setConfig({ testTimeout: 120_000 })

/** As everywhere in the project. */
const TOLERANCE = 1e-5

const GOLDEN = readGolden('bert-mean-normalize')
const DIM = GOLDEN.dimension
const VECTORS = decodeFloats(GOLDEN.embeddings)

/** Texts of one line that CSV and lines can hold, with their rows in Python's vectors. */
const PLAIN = GOLDEN.texts.flatMap((text, row) =>
  /[\r\n]/.test(text) || text.includes('\uFEFF') ? [] : [{ text, row }],
)
const PLAIN_VECTORS = Float32Array.from(PLAIN.flatMap(({ row }) => [...VECTORS.subarray(row * DIM, (row + 1) * DIM)]))

let folder: string
let out: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestling-embed-'))
  out = join(folder, 'out.npy')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function fileOf(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const jsonl = (): string => GOLDEN.texts.map((text, n) => JSON.stringify({ text, n })).join('\n')
const csv = (): string => `n,title\n${GOLDEN.texts.map((text, n) => `${n},"${text.replaceAll('"', '""')}"`).join('\n')}`

describe('npx nestling embed', () => {
  it("gives Python's vectors of plain lines as .npy", async () => {
    const input = fileOf('in.txt', PLAIN.map(({ text }) => `${text}\n`).join(''))
    const summary = JSON.parse(await runWell(['embed', input, '-o', out, '-m', MODEL, '--json'])) as object
    expect(summary).toMatchObject({ out, rows: PLAIN.length, resumedFrom: 0, dim: DIM, precision: 'float32' })
    const array = readNpy(out)
    expect(array).toMatchObject({ type: '<f4', shape: [PLAIN.length, DIM] })
    expect(worstError(floatsOf(array), PLAIN_VECTORS, DIM)).toBeLessThan(TOLERANCE)
  })

  it.each(['jsonl', 'csv'])("gives Python's vectors of .%s as .jsonl, with the other fields", async (ending) => {
    const isCsv = ending === 'csv'
    const input = fileOf(`in.${ending}`, isCsv ? csv() : jsonl())
    const target = join(folder, 'out.jsonl')
    await runWell([
      'embed',
      input,
      '-o',
      target,
      '-m',
      MODEL,
      ...(isCsv ? ['--column', 'title', '--id-column', 'n'] : []),
    ])
    const lines = readFileSync(target, 'utf8').trimEnd().split('\n')
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown> & { embedding: number[] })
    expect(rows.map((row) => row[isCsv ? 'title' : 'text'])).toEqual(GOLDEN.texts)
    // JSON Lines keep numbers, CSV has texts alone.
    expect(rows.map(({ n }) => n)).toEqual(GOLDEN.texts.map((_, n) => (isCsv ? String(n) : n)))
    const found = Float32Array.from(rows.flatMap(({ embedding }) => embedding))
    expect(worstError(found, VECTORS, DIM)).toBeLessThan(TOLERANCE)
  })

  it('reads the standard input and writes JSON Lines to the standard output', async () => {
    const stdin = PLAIN.map(({ text }) => text).join('\n')
    const printed = await runWell(['embed', '-', '-o', '-', '-m', MODEL, '-q'], { stdin })
    const rows = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { text: string; embedding: number[] })
    expect(rows.map(({ text }) => text)).toEqual(PLAIN.map(({ text }) => text))
    const found = Float32Array.from(rows.flatMap(({ embedding }) => embedding))
    expect(worstError(found, PLAIN_VECTORS, DIM)).toBeLessThan(TOLERANCE)
  })

  it('cuts and scales', async () => {
    const [dim = 0] = Object.keys(GOLDEN.truncatedNormalized).map(Number)
    const input = fileOf('in.jsonl', jsonl())
    await runWell(['embed', input, '-o', out, '-m', MODEL, '--dims', String(dim), '--normalize'])
    const array = readNpy(out)
    expect(array.shape).toEqual([GOLDEN.texts.length, dim])
    const expected = decodeFloats(GOLDEN.truncatedNormalized[String(dim)] ?? '')
    expect(worstError(floatsOf(array), expected, dim)).toBeLessThan(TOLERANCE)
  })

  it('takes the ranges of int8 from a file', async () => {
    const input = fileOf('in.jsonl', jsonl())
    const sample = join(folder, 'sample.npy')
    await runWell(['embed', input, '-o', sample, '-m', MODEL])
    await runWell(['embed', input, '-o', out, '-m', MODEL, '--precision', 'int8', '--calibration', sample])
    const array = readNpy(out)
    expect(array).toMatchObject({ type: '|i1', shape: [GOLDEN.texts.length, DIM] })
    // The smallest of each component is -128, the largest 127; Python's rule is floor((x - min) / step) - 128.
    const levels = new Int8Array(Uint8Array.from(array.bytes).buffer)
    const column = (values: ArrayLike<number>, at: number): number[] =>
      GOLDEN.texts.map((_, row) => values[row * DIM + at] ?? NaN)
    for (let at = 0; at < DIM; at++) {
      const floats = column(floatsOf(readNpy(sample)), at)
      const [least, most] = [Math.min(...floats), Math.max(...floats)]
      const found = column(levels, at)
      expect(Math.min(...found)).toBe(-128)
      for (const [row, value] of floats.entries()) {
        const level = ((value - least) * 255) / (most - least) - 128
        expect(Math.abs((found[row] ?? NaN) - level)).toBeLessThan(1.001)
      }
    }
  })

  it('packs bits', async () => {
    await runWell(['embed', fileOf('in.jsonl', jsonl()), '-o', out, '-m', MODEL, '--precision', 'ubinary'])
    const array = readNpy(out)
    expect(array).toMatchObject({ type: '|u1', shape: [GOLDEN.texts.length, DIM / 8] })
    const expected = Array.from({ length: DIM / 8 }, (_, byte) =>
      [...VECTORS.subarray(byte * 8, byte * 8 + 8)].reduce((bits, value) => bits * 2 + (value > 0 ? 1 : 0), 0),
    )
    expect([...array.bytes.subarray(0, DIM / 8)]).toEqual(expected)
  })

  it('gives an empty input an empty array', async () => {
    await runWell(['embed', fileOf('in.txt', ''), '-o', out, '-m', MODEL])
    expect(readNpy(out)).toMatchObject({ shape: [0, DIM], bytes: Buffer.alloc(0) })
  })

  it('takes the prompt of a task', async () => {
    const model = MODEL.replace('bert-mean-normalize', 'bert-cls-prompts')
    const input = fileOf('in.txt', 'birds in spring\n')
    const names = ['query', 'named', 'plain']
    const args = [['--task', 'query'], ['--prompt-name', 'query'], []]
    const [query, named, plain] = await Promise.all(
      names.map(async (name, index) => {
        const target = join(folder, `${name}.npy`)
        await runWell(['embed', input, '-o', target, '-m', model, ...(args[index] ?? [])])
        return readFileSync(target)
      }),
    )
    expect(query?.equals(named ?? Buffer.alloc(0))).toBe(true)
    expect(query?.equals(plain ?? Buffer.alloc(0))).toBe(false)
    const { code, errors } = await run(['embed', input, '-o', out, '-m', model, '--prompt-name', 'none'])
    expect({ code, errors }).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/it has query, document/) as string,
    })
  })
})
