import { normOf } from '@nestling/kit/math/norm'
import { codeBytes, decodeRow, encodeRow } from '@nestling/kit/math/row-codec'
import { mulberry32, topRowsOf } from '@nestling/testing/mixtures'
import { searchKernels } from '@nestling/testing/search-kernels'
import { beforeAll, describe, expect, it } from 'vitest'
import { RowMemory } from './row-memory.js'
import type { RowForms } from './row-layout.js'
import type { RowQuery } from './row-query.js'
import { SCORINGS, type Scoring } from '../wire/scoring.js'
import { scoreRows, searchRows } from './search-rows.js'

const ALL_FORMS: RowForms = ['float32', 'int8', 'binary']

let kernels: WebAssembly.Module
beforeAll(async () => {
  kernels = await searchKernels()
}, 20_000)

function randomRows(count: number, dim: number, seed = 1): Float32Array {
  const random = mulberry32(seed)
  return Float32Array.from({ length: count * dim }, () => random() + random() - 1)
}

function unitRows(count: number, dim: number, seed = 1): Float32Array {
  const rows = randomRows(count, dim, seed)
  for (let row = 0; row < count; row++) {
    const values = rows.subarray(row * dim, (row + 1) * dim)
    const norm = normOf(values)
    values.forEach((value, index) => (values[index] = value / norm))
  }
  return rows
}

function memoryOf(rows: Float32Array, dim: number, forms: RowForms = ALL_FORMS): RowMemory {
  const memory = new RowMemory(kernels, dim, forms)
  memory.reserve(rows.length / dim)
  for (let at = 0; at < rows.length; at += dim) {
    const values = rows.subarray(at, at + dim)
    const norm = normOf(values)
    memory.add({ values, norm, scale: 1 / Math.max(norm, 1e-12) })
  }
  return memory
}

function queryOf(vector: Float32Array, count: number, scoring: Scoring, allowed?: Uint8Array): RowQuery {
  return { vector, similarity: 'cosine', scoring, owners: Int32Array.from({ length: count }, (_, row) => row), allowed }
}

describe('searchRows()', () => {
  // Every way in which a row is padded or cut: below 16, below the funnel, at its edge, and beyond.
  it.each([1, 3, 8, 16, 17, 100, 127, 128, 130, 384])('finds what float64 finds at dim %i', (dim) => {
    const count = 3000
    const rows = unitRows(count, dim)
    const memory = memoryOf(rows, dim)
    const queries = unitRows(5, dim, 2)
    for (let at = 0; at < queries.length; at += dim) {
      const vector = queries.subarray(at, at + dim)
      const found = searchRows(memory, queryOf(vector, count, 'exact'), 10)
      // Of one dimension, all scores are 1 or -1.
      if (dim > 1) expect(found.map(({ row }) => row)).toEqual(topRowsOf(rows, vector, 10))
      const [best] = found
      const own = rows.subarray((best?.row ?? 0) * dim, ((best?.row ?? 0) + 1) * dim)
      const score = own.reduce((sum, value, index) => sum + value * (vector[index] as number), 0)
      expect(best?.score).toBeCloseTo(score, 6)
    }
  })

  it.each(SCORINGS)('finds a row by itself, first, with %s', (scoring) => {
    const dim = 192
    const rows = unitRows(2500, dim)
    const memory = memoryOf(rows, dim)
    for (const row of [0, 1023, 1024, 2499]) {
      const vector = rows.slice(row * dim, (row + 1) * dim)
      expect(searchRows(memory, queryOf(vector, 2500, scoring), 3)[0]?.row).toBe(row)
    }
  })

  it('orders rows that float32 cannot tell apart as float64 does', () => {
    // By hand: components of the order of 1 whose sums differ in the ninth digit.
    const dim = 16
    const rows = new Float32Array(200 * dim)
    for (let row = 0; row < 200; row++) {
      rows.fill(1, row * dim, (row + 1) * dim)
      rows[row * dim + 3] = 1 + 2 ** -23 * (row + 1)
    }
    const vector = new Float32Array(dim).fill(1)
    vector[3] = 1.5
    const memory = memoryOf(rows, dim)
    const query = { ...queryOf(vector, 200, 'exact'), similarity: 'dot' } as const
    const found = searchRows(memory, query, 5)
    expect(found.map(({ row }) => row)).toEqual([199, 198, 197, 196, 195])
  })

  it.each(SCORINGS)('asks which documents are allowed before it makes a shortlist, with %s', (scoring) => {
    const dim = 128
    const rows = unitRows(5000, dim)
    const memory = memoryOf(rows, dim)
    const vector = rows.slice(0, dim)
    const best = topRowsOf(rows, vector, 5000)
    const allowed = new Uint8Array(5000)
    // The worst of all, which no shortlist of 200 has.
    for (const row of best.slice(-3)) allowed[row] = 1
    const found = searchRows(memory, queryOf(vector, 5000, scoring, allowed), 10)
    expect(new Set(found.map(({ row }) => row))).toEqual(new Set(best.slice(-3)))
  })

  it('gives all rows where more are asked for, and none of an empty memory', () => {
    const rows = unitRows(7, 64)
    for (const scoring of SCORINGS) {
      const memory = memoryOf(rows, 64)
      expect(searchRows(memory, queryOf(rows.slice(0, 64), 7, scoring), 100)).toHaveLength(7)
      expect(searchRows(new RowMemory(kernels, 64, ALL_FORMS), queryOf(rows.slice(0, 64), 0, scoring), 5)).toEqual([])
    }
  })

  it('uses a freed row again, and forgets what was in it', () => {
    const dim = 20
    const rows = unitRows(3, dim)
    const memory = memoryOf(rows, dim)
    memory.free(1)
    expect(memory.count).toBe(2)
    const values = unitRows(1, dim, 9)
    expect(memory.add({ values, norm: 1, scale: 1 })).toBe(1)
    expect(memory.read(1).values).toEqual(values)
    expect(searchRows(memory, queryOf(values, 3, 'binary'), 1)[0]?.row).toBe(1)
  })

  it('gives a row of zeros the cosine 0', () => {
    const memory = memoryOf(new Float32Array(64), 64)
    const [found] = searchRows(memory, queryOf(unitRows(1, 64), 1, 'exact'), 1)
    expect(found?.score).toBe(0)
  })
})

describe('int8 rows', () => {
  it('have no error in their own direction, whatever rounding does', () => {
    const dim = 384
    const rows = unitRows(50, dim)
    const memory = memoryOf(rows, dim, ['int8'])
    for (let row = 0; row < 50; row++) {
      const vector = rows.slice(row * dim, (row + 1) * dim)
      const [scored] = scoreRows(memory, { vector, similarity: 'cosine' }, Int32Array.of(row))
      expect(scored?.score).toBeCloseTo(1, 6)
    }
  })

  it('find by themselves nearly what float32 rows find', () => {
    const dim = 384
    const rows = unitRows(2000, dim)
    const memory = memoryOf(rows, dim, ['int8', 'binary'])
    let hits = 0
    for (let query = 0; query < 20; query++) {
      const vector = unitRows(1, dim, 100 + query)
      const expected = topRowsOf(rows, vector, 10)
      const found = searchRows(memory, queryOf(vector, 2000, 'exact'), 10)
      hits += found.filter(({ row }) => expected.includes(row)).length
    }
    // Random vectors are the hardest: their scores lie within a few thousandths.
    expect(hits / 200).toBeGreaterThan(0.9)
  })

  it('do not overflow with the largest components there can be', () => {
    const dim = 4096
    const rows = new Float32Array(2 * dim).fill(1)
    rows.fill(-1, dim)
    const memory = memoryOf(rows, dim, ['int8'])
    const found = searchRows(memory, queryOf(new Float32Array(dim).fill(1), 2, 'exact'), 2)
    expect(found.map(({ row }) => row)).toEqual([0, 1])
    expect(found[0]?.score).toBeCloseTo(1, 6)
    expect(found[1]?.score).toBeCloseTo(-1, 6)
  })
})

describe.each(['int8', 'int4', 'int2', 'binary'] as const)('rows of %s', (precision) => {
  /** The best rows by float64, of what the codes say. */
  function bestByCodes(rows: Float32Array, vector: Float32Array): { row: number; score: number }[] {
    const dim = vector.length
    const codes = precision === 'int8' ? new Int8Array(dim) : new Uint8Array(codeBytes(precision, dim))
    const levels = new Int8Array(dim)
    const scored = Array.from({ length: rows.length / dim }, (_, row) => {
      const scale = Math.fround(encodeRow(rows.subarray(row * dim, (row + 1) * dim), precision, codes))
      decodeRow(codes, precision, levels)
      return { row, score: levels.reduce((sum, level, index) => sum + level * (vector[index] as number), 0) * scale }
    })
    return scored.sort((a, b) => b.score - a.score || a.row - b.row)
  }

  // Every way in which a byte and a group of 16 rows is left half full, and more than one block.
  it.each([1, 2, 5, 16, 67, 130, 384])('are found exactly as float64 finds their codes at dim %i', (dim) => {
    const count = dim === 384 ? 2000 : 1100
    const rows = unitRows(count, dim)
    const memory = memoryOf(rows, dim, [precision])
    const vector = unitRows(1, dim, 2)
    const expected = bestByCodes(rows, vector).slice(0, 10)
    const found = searchRows(memory, queryOf(vector, count, 'exact'), 10)
    // Rows of few short codes are equal, and scores too, up to the last digit of their scales.
    for (const [place, { score }] of found.entries()) expect(score).toBeCloseTo(expected[place]?.score as number, 6)
    if (dim >= 67) expect(found.map(({ row }) => row)).toEqual(expected.map(({ row }) => row))
  })

  it.each([3, 40, 200])('are found by a funnel, too, at dim %i', (dim) => {
    const rows = unitRows(600, dim)
    const memory = memoryOf(rows, dim, [precision])
    const vector = unitRows(1, dim, 2)
    const expected = searchRows(memory, queryOf(vector, 600, 'exact'), 600)
    // All rows are asked for, so that no shortlist leaves any out.
    expect(searchRows(memory, queryOf(vector, 600, 'funnel'), 600)).toEqual(expected)
    // Rows of at most 64 components are read whole.
    const best = searchRows(memory, queryOf(vector, 600, 'funnel'), 1)
    if (dim <= 64) expect(best[0]?.score).toBe(expected[0]?.score)
    else expect(best[0]?.score).toBeGreaterThan((expected[0]?.score ?? 0) * 0.8)
  })

  it('have no error in their own direction', () => {
    const rows = unitRows(20, 100)
    const memory = memoryOf(rows, 100, [precision])
    for (let row = 0; row < 20; row++) {
      const vector = rows.slice(row * 100, (row + 1) * 100)
      expect(scoreRows(memory, { vector, similarity: 'cosine' }, Int32Array.of(row))[0]?.score).toBeCloseTo(1, 6)
    }
  })

  it('come back as they are stored, also in a place that was free', () => {
    const dim = 37
    const rows = unitRows(40, dim)
    const memory = memoryOf(rows, dim, [precision, 'binary'])
    const kept = memory.readKept(17)
    memory.free(3)
    const { values, scale } = kept
    if (values instanceof Float32Array) throw new Error('no codes')
    expect(memory.addCodes(values, scale)).toBe(3)
    expect(memory.readKept(3)).toEqual(kept)
    expect(memory.read(3)).toEqual(memory.read(17))
    expect(memory.readKept(2)).not.toEqual(kept)
  })
})

it('a float query finds more by signs than signs do by themselves', () => {
  const dim = 384
  const count = 3000
  const rows = unitRows(count, dim)
  const memory = memoryOf(rows, dim, ['binary'])
  const signs = rows.map(Math.sign)
  let asked = 0
  let hamming = 0
  for (let query = 0; query < 20; query++) {
    const vector = unitRows(1, dim, 100 + query)
    const expected = new Set(topRowsOf(rows, vector, 10))
    const found = searchRows(memory, queryOf(vector, count, 'exact'), 10)
    asked += found.filter(({ row }) => expected.has(row)).length
    // The least Hamming distance is the largest product of signs.
    hamming += topRowsOf(signs, vector.map(Math.sign), 10).filter((row) => expected.has(row)).length
  }
  expect(asked).toBeGreaterThan(hamming * 1.2)
})
