import { CODE_BITS } from '@nestling/kit/math/row-codec'
import { mulberry32 } from '@nestling/testing/mixtures'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { COLUMN_TABLE_BYTES, fillNibbleTables, VALUE_ERROR } from './nibble-tables.js'
import { startKernels } from './row-kernels.js'
import { GROUP_ROWS, roundUp, type PackedForm } from './row-layout.js'

let module: WebAssembly.Module
beforeAll(async () => {
  module = await searchKernels()
}, 20_000)

/** Written around every buffer. */
const CANARY = 0x7b
const CANARY_BYTES = 64

/** Dims 1 to 400, all of those that leave a byte or a run of columns half full among them. */
const DIMS = [
  ...Array.from({ length: 20 }, (_, index) => index + 1),
  31,
  63,
  64,
  65,
  127,
  200,
  255,
  256,
  257,
  383,
  384,
  399,
  400,
]

/** A row as the kernels must see it. */
interface Case {
  readonly query: Float32Array
  /** Levels of each row. */
  readonly levels: readonly (readonly number[])[]
  readonly scales: Float32Array
}

function makeCase(dim: number, form: PackedForm, rows: number, random: () => number): Case {
  const top = 2 ** CODE_BITS[form] - 1
  const level = (): number => 2 * Math.floor(random() * (top + 1)) - top
  return {
    query: Float32Array.from({ length: dim }, () => random() - 0.5),
    levels: Array.from({ length: rows }, () => Array.from({ length: dim }, level)),
    scales: Float32Array.from({ length: rows }, random),
  }
}

/** The code of a level, by its definition: bits of the levels one after another, the first one highest. */
function packed(levels: readonly number[], bits: number): number[] {
  const top = 2 ** bits - 1
  const text = levels.map((level) => ((level + top) / 2).toString(2).padStart(bits, '0')).join('')
  return (text.match(/.{1,8}/g) ?? []).map((byte) => parseInt(byte.padEnd(8, '0'), 2))
}

/** Runs both kernels in a memory with canaries around what they may write. */
function run(
  { query, levels, scales }: Case,
  form: PackedForm,
  read: number,
): { all: number[]; at: number[]; unit: number } {
  const memory = new WebAssembly.Memory({ initial: 8 })
  const bytes = new Uint8Array(memory.buffer).fill(CANARY)
  let end = CANARY_BYTES
  const take = (length: number): number => {
    const start = end
    end = roundUp(start + length, 4) + CANARY_BYTES
    return start
  }
  const rows = levels.length
  const padded = roundUp(rows, GROUP_ROWS)
  const columns = Math.ceil((query.length * CODE_BITS[form]) / 8)
  const tables = take(columns * COLUMN_TABLE_BYTES)
  const codes = take(columns * padded)
  const scalesAt = take(padded * 4)
  const places = take(rows * 8)
  const scores = take(padded * 4)
  const unit = fillNibbleTables(query, form, bytes.subarray(tables, tables + columns * COLUMN_TABLE_BYTES))
  new Float32Array(memory.buffer, scalesAt, rows).set(scales)
  for (const [row, ofRow] of levels.entries()) {
    const first = codes + Math.floor(row / GROUP_ROWS) * columns * GROUP_ROWS + (row % GROUP_ROWS)
    for (const [column, byte] of packed(ofRow, CODE_BITS[form]).entries()) bytes[first + column * GROUP_ROWS] = byte
    new Uint32Array(memory.buffer, places, rows * 2).set([first, scalesAt + row * 4], row * 2)
  }
  const before = bytes.slice(0, end)
  const kernels = startKernels(module, memory)
  const found = (): number[] => Array.from(new Float32Array(memory.buffer, scores, rows))
  kernels.dotNibbles(tables, codes, columns * GROUP_ROWS, read, scalesAt, rows, scores)
  const all = found()
  before.set(bytes.subarray(scores, scores + padded * 4), scores)
  expect(Buffer.compare(bytes.subarray(0, end), before)).toBe(0)
  kernels.dotNibblesAt(tables, places, read, rows, scores)
  before.set(bytes.subarray(scores, scores + rows * 4), scores)
  expect(Buffer.compare(bytes.subarray(0, end), before)).toBe(0)
  return { all, at: found(), unit }
}

describe.each(['int4', 'int2', 'binary'] as const)('kernels of %s', (form) => {
  it('give scale * (query . levels) at any dim, for whole rows and for their beginning, and write nowhere else', () => {
    const random = mulberry32(18)
    for (const dim of DIMS) {
      const given = makeCase(dim, form, 1 + Math.floor(random() * 40), random)
      const columns = Math.ceil((dim * CODE_BITS[form]) / 8)
      for (const read of new Set([columns, Math.ceil(columns / 2)])) {
        const { all, at, unit } = run(given, form, read)
        const components = Math.min(dim, (read * 8) / CODE_BITS[form])
        for (const [row, levels] of given.levels.entries()) {
          const product = levels
            .slice(0, components)
            .reduce((sum, level, index) => sum + level * (given.query[index] as number), 0)
          const scale = given.scales[row] as number
          const bound = VALUE_ERROR * 2 * read * scale * unit
          expect(Math.abs((all[row] as number) * unit - product * scale)).toBeLessThanOrEqual(bound)
          expect(at[row]).toBe(all[row])
        }
      }
    }
  })

  it('do not overflow with the largest components and the most of them', () => {
    const dim = 8192
    const top = 2 ** CODE_BITS[form] - 1
    const query = new Float32Array(dim).fill(1)
    const levels = [top, -top].map((level) => new Array<number>(dim).fill(level))
    const columns = (dim * CODE_BITS[form]) / 8
    const { all, at, unit } = run({ query, levels, scales: Float32Array.of(1, 1) }, form, columns)
    // By hand: each component adds the top level.
    expect((all[0] as number) * unit).toBeCloseTo(dim * top, 0)
    expect((all[1] as number) * unit).toBeCloseTo(-dim * top, 0)
    expect(at).toEqual(all)
  })

  it('give 0 for a query of zeros', () => {
    const given = makeCase(30, form, 20, mulberry32(3))
    const { all } = run({ ...given, query: new Float32Array(30) }, form, Math.ceil((30 * CODE_BITS[form]) / 8))
    expect(all.every((score) => score === 0)).toBe(true)
  })
})
