import { openGpu } from '@nestling/testing/gpu'
import { beforeEach, describe, expect, it } from 'vitest'
import { runKernel, testDevice } from '../../../../../test/gpu/run-kernel.js'
import { activationFunction } from '../../../activate.js'
import { toFloat16Bits } from '../../../float16.js'
import { parametersOf } from '../gpu-step.js'
import { tilesOf } from '../tiles.js'
import { ACTIVATION_NUMBERS } from '../../activation-numbers.js'
import { ATTENTION_FIELDS, attentionShader, attentionTile, NO_BIAS } from './attention.js'
import { HEADS, HEADS_FIELDS, HEADS_FLAGS, HEADS_THREADS } from './heads.js'
import { NORM, NORM_FIELDS, NORM_FLAGS, NORM_KINDS } from './norm.js'
import {
  PRODUCT_FIELDS,
  PRODUCT_FLAGS,
  productShader,
  tileRows,
  tileWords,
  type Tile,
  type WeightKind,
} from './product.js'
import { EMBED, EMBED_FIELDS, EMBED_FLAGS, POOL, POOL_FIELDS, ROW_THREADS, TABLE_KINDS } from './rows.js'

const found = await openGpu()
const reason = 'reason' in found ? found.reason : undefined
const device = reason === undefined ? await testDevice() : undefined
const hasFloat16 = device?.features.has('shader-f16') === true
const NO_FLOAT16 = 'not run: the adapter has no shader-f16'

let state = 1
/** Numbers from -1 to 1, the same in every run. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 31 - 1
}
const floats = (length: number): Float32Array<ArrayBuffer> => Float32Array.from({ length }, random)
const words = (columns: number): number => Math.ceil(columns / 4)

/** Rows of so many columns, filled up with zeros to whole words. */
function paddedRows(rows: number, columns: number, stride = 4 * words(columns)): Float32Array<ArrayBuffer> {
  const values = new Float32Array(rows * stride)
  for (let row = 0; row < rows; row++) values.set(floats(columns), row * stride)
  return values
}

/** What a run says of rows and texts alone. */
const counts = (rows: number, texts = 1): Uint32Array<ArrayBuffer> => Uint32Array.of(rows, texts, 0, 0, 0, 0, 0, 0, 0)

function expectNear(actual: Float32Array | undefined, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual?.length).toBeGreaterThanOrEqual(expected.length)
  let worst = 0
  for (let index = 0; index < expected.length; index++) {
    const error = Math.abs((actual?.[index] as number) - (expected[index] as number))
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error)
  }
  expect(worst).toBeLessThanOrEqual(tolerance)
}

function tile(name: string): Tile {
  const tiles = tilesOf(`${name}/${name}`)
  if (tiles === undefined) throw new Error(`Cannot read ${name}`)
  return tiles.few
}

interface ProductCase {
  readonly kind: WeightKind
  readonly tile: Tile
  readonly rows: number
  readonly depth: number
  readonly columns: number
  readonly activation?: keyof typeof ACTIVATION_NUMBERS
  readonly flags?: number
}

/** Runs a product and computes the same in float64. */
async function product({ kind, tile: cut, rows, depth, columns, activation = 'identity', flags = 0 }: ProductCase) {
  const all = 8 * Math.ceil(columns / 8)
  const depthWords = words(depth)
  const isGate = flags === PRODUCT_FLAGS.gate
  const outWords = isGate ? all / 8 : words(columns)
  const input = paddedRows(rows, depth)
  const start = paddedRows(rows, 4 * outWords)
  const numbers = new Float32Array(4 * depthWords * all)
  const scales = new Float32Array(all).fill(1)
  const column = new Float32Array(2 * all)
  for (let c = 0; c < columns; c++) {
    column[c] = random()
    if (kind === 'q8') scales[c] = column[all + c] = Math.abs(random()) / 127
    for (let k = 0; k < depth; k++) numbers[k * all + c] = kind === 'q8' ? Math.round(127 * random()) : random()
  }
  const weights = {
    fp32: () => numbers,
    fp16: () => toFloat16Bits(numbers),
    q8: () => new Uint32Array(Int8Array.from(numbers).buffer),
  }[kind]()
  const parameters = parametersOf(PRODUCT_FIELDS, {
    depth: depthWords,
    words: all / 4,
    outWords,
    inStride: depthWords,
    outStride: outWords,
    countAt: 0,
    activation: ACTIVATION_NUMBERS[activation],
    flags,
  })
  const [actual] = await runKernel({
    code: productShader(kind, cut),
    groups: [Math.ceil(all / 4 / tileWords(cut)), Math.ceil(rows / tileRows(cut))],
    run: counts(rows),
    parameters,
    buffers: [{ values: input }, { values: weights }, { values: column }, { values: start, isWritten: true }],
  })
  const activate = activationFunction(activation)
  const sum = (row: number, c: number): number => {
    let total = 0
    for (let k = 0; k < depth; k++)
      total += (input[row * 4 * depthWords + k] as number) * (numbers[k * all + c] as number)
    return total * (scales[c] as number) + (column[c] as number)
  }
  const expected = Float64Array.from({ length: rows * 4 * outWords }, (_, index) => {
    const row = Math.floor(index / (4 * outWords))
    const c = index % (4 * outWords)
    if (isGate) {
      const gate = 8 * Math.floor(c / 4) + (c % 4)
      return activate(sum(row, gate)) * sum(row, gate + 4)
    }
    const value = activate(sum(row, c))
    if (flags === PRODUCT_FLAGS.addToOutput) return value + (start[index] as number)
    return flags === PRODUCT_FLAGS.addInput ? value + (input[row * 4 * depthWords + c] as number) : value
  })
  // Sums of so many terms, each rounded: 24 bits of float32, 11 of float16.
  // A gate multiplies two of them, of up to 10 each.
  const tolerance = (kind === 'fp16' ? 2 ** -10 : 2 ** -20) * Math.sqrt(depth) * (isGate ? 10 : 1)
  expectNear(actual, expected, tolerance)
}

const TILES = [
  'direct-16x1x2',
  'direct-16x1x4',
  'direct-8x1x8',
  'direct-16x8x4',
  'direct-4x4x2',
  'shared-16x16x4',
  'shared-8x8x8',
  'shared-4x4x1',
]
/** No tile divides these. */
const SIZES = [
  { rows: 1, depth: 1, columns: 1 },
  { rows: 1, depth: 384, columns: 384 },
  { rows: 3, depth: 30, columns: 50 },
  { rows: 17, depth: 132, columns: 100 },
  { rows: 65, depth: 20, columns: 136 },
]

describe('shaders', () => {
  beforeEach((test) => {
    if (reason !== undefined) test.skip(reason)
  })

  describe.each(TILES)('products in %s', (name) => {
    it.each(SIZES)('of $rows rows, $depth inputs and $columns columns, from float32 and int8', async (size) => {
      await product({ kind: 'fp32', tile: tile(name), ...size })
      await product({ kind: 'q8', tile: tile(name), ...size })
    })

    it('add to what is there, to their input, and through a gate', async () => {
      const size = { kind: 'fp32', tile: tile(name), rows: 5, depth: 48, columns: 48 } as const
      await product({ ...size, flags: PRODUCT_FLAGS.addToOutput })
      await product({ ...size, flags: PRODUCT_FLAGS.addInput })
      await product({ ...size, flags: PRODUCT_FLAGS.gate, activation: 'silu' })
    })
  })

  it.for(hasFloat16 ? TILES : TILES.slice(0, 1))('products from float16 in %s', async (name, test) => {
    if (!hasFloat16) test.skip(NO_FLOAT16)
    for (const size of SIZES) await product({ kind: 'fp16', tile: tile(name), ...size })
  })

  it.each(Object.keys(ACTIVATION_NUMBERS) as (keyof typeof ACTIVATION_NUMBERS)[])(
    'products apply %s',
    async (activation) => {
      await product({ kind: 'fp32', tile: tile('direct-16x1x4'), rows: 8, depth: 40, columns: 64, activation })
    },
  )

  it('activations stay finite where inputs are large', async () => {
    for (const activation of Object.keys(ACTIVATION_NUMBERS) as (keyof typeof ACTIVATION_NUMBERS)[]) {
      const values = [-1e30, -1e4, -90, -0, 90, 1e4]
      const parameters = parametersOf(PRODUCT_FIELDS, {
        ...{ depth: 1, words: 2, outWords: 2, inStride: 1, outStride: 2, countAt: 0, flags: 0 },
        activation: ACTIVATION_NUMBERS[activation],
      })
      const input = new Float32Array(4 * values.length)
      values.forEach((value, row) => (input[4 * row] = value))
      const weights = new Float32Array(32)
      weights[0] = 1
      const [actual] = await runKernel({
        code: productShader('fp32', tile('direct-16x1x4')),
        groups: [1, 2],
        run: counts(values.length),
        parameters,
        buffers: [
          { values: input },
          { values: weights },
          { values: new Float32Array(8) },
          { values: new Float32Array(8 * values.length), isWritten: true },
        ],
      })
      const activate = activationFunction(activation)
      values.forEach((value, row) => {
        const expected = Math.fround(activate(value))
        const got = actual?.[8 * row] as number
        // exp(-90) is below what float32 holds in full, so that these products may be a little off 0.
        if (Number.isFinite(expected))
          expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-6 + 1e-6 * Math.abs(expected))
      })
    }
  })

  describe.each([
    { rows: 1, columns: 1 },
    { rows: 3, columns: 30 },
    { rows: 2, columns: 384 },
    { rows: 2, columns: 1027 },
  ])('norms of $rows rows of $columns', ({ rows, columns }) => {
    const width = words(columns)
    const normed = (
      row: Float64Array,
      kind: keyof typeof NORM_KINDS,
      factors: Float32Array,
      at: number,
    ): Float64Array => {
      const epsilon = 1e-5
      const mean = kind === 'layer' ? row.reduce((sum, value) => sum + value, 0) / columns : 0
      const squares = row.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      if (kind === 'l2') return row.map((value) => value / Math.max(Math.sqrt(squares), epsilon))
      const deviation = Math.sqrt(squares / columns + epsilon)
      return row.map(
        (value, i) =>
          ((value - mean) / deviation) * (factors[at + i] as number) + (factors[at + 4 * width + i] as number),
      )
    }
    const rowOf = (values: Float32Array, row: number): Float64Array =>
      Float64Array.from(values.subarray(row * 4 * width, row * 4 * width + columns))

    it.each([
      ['in place', NORM_FLAGS.inPlace],
      ['from another buffer', 0],
      ['added to what is there', NORM_FLAGS.add],
      ['followed by the next', NORM_FLAGS.inPlace | NORM_FLAGS.hasNext],
      ['added and followed by the next', NORM_FLAGS.add | NORM_FLAGS.hasNext],
    ])('%s', async (_, flags) => {
      for (const kind of ['layer', 'rms', 'l2'] as const) {
        const source = paddedRows(rows, columns)
        const kept = paddedRows(rows, columns)
        const factors = new Float32Array(16 * width)
        for (const part of [0, 1, 2, 3]) factors.set(floats(columns), part * 4 * width)
        const parameters = parametersOf(
          NORM_FIELDS,
          {
            ...{ words: width, columns, sourceStride: width, stride: width, nextStride: width, flags },
            kind: NORM_KINDS[kind],
            nextKind: NORM_KINDS.rms,
          },
          [1e-5, 1e-5],
        )
        const [actual, next] = await runKernel({
          code: NORM,
          groups: [rows, 1],
          run: counts(rows),
          parameters,
          buffers: [
            { values: source },
            { values: factors },
            { values: kept, isWritten: true },
            { values: new Float32Array(rows * 4 * width), isWritten: true },
          ],
        })
        for (let row = 0; row < rows; row++) {
          const input = rowOf((flags & NORM_FLAGS.inPlace) === 0 ? source : kept, row)
          const before = rowOf(kept, row)
          const result = normed(input, kind, factors, 0).map((value, i) =>
            (flags & NORM_FLAGS.add) === 0 ? value : value + (before[i] as number),
          )
          expectNear(actual?.subarray(row * 4 * width), result, 2e-5)
          if ((flags & NORM_FLAGS.hasNext) === 0) continue
          expectNear(next?.subarray(row * 4 * width), normed(result, 'rms', factors, 8 * width), 5e-5)
        }
      }
    })
  })

  it('heads are normalised and turned by their position, keys as queries', async () => {
    const [rows, heads, keyValueHeads, headDim] = [3, 3, 1, 6]
    const stride = 8 * (heads + 2 * keyValueHeads)
    const values = new Float32Array(rows * stride)
    for (let at = 0; at < values.length; at += 8) values.set(floats(headDim), at)
    const factors = floats(4 * headDim)
    const half = headDim / 2
    const turns = floats(2 * 8 * half)
    const places = [5, 0, 7]
    const run = Uint32Array.of(rows, 1, 0, 0, 9, 0, 0, 0, 0, ...places)
    const fields = { stride, heads, keyValueHeads, headDim, headStride: 8, keyStart: 8 * heads }
    const flags = HEADS_FLAGS.queryNorm | HEADS_FLAGS.keyNorm | HEADS_FLAGS.rotary
    const [actual] = await runKernel({
      code: HEADS,
      groups: [Math.ceil((heads + keyValueHeads) / HEADS_THREADS), rows],
      run,
      parameters: parametersOf(HEADS_FIELDS, { ...fields, flags, kind: NORM_KINDS.layer }, [1e-6, 1e-3]),
      buffers: [{ values: factors }, { values: turns }, { values, isWritten: true }],
    })
    const expected = Float64Array.from(values)
    for (let row = 0; row < rows; row++) {
      for (let head = 0; head < heads + keyValueHeads; head++) {
        const at = row * stride + 8 * head
        const own = Array.from(values.subarray(at, at + headDim))
        const mean = own.reduce((sum, value) => sum + value, 0) / headDim
        const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / headDim
        const isKey = head >= heads
        const from = isKey ? 2 * headDim : 0
        const normed = own.map(
          (value, i) =>
            ((value - mean) / Math.sqrt(variance + (isKey ? 1e-3 : 1e-6))) * (factors[from + i] as number) +
            (factors[from + headDim + i] as number),
        )
        for (let i = 0; i < half; i++) {
          const [cos, sin] = turns.subarray(2 * ((places[row] as number) * half + i)) as unknown as [number, number]
          expected[at + i] = (normed[i] as number) * cos - (normed[half + i] as number) * sin
          expected[at + half + i] = (normed[half + i] as number) * cos + (normed[i] as number) * sin
        }
      }
    }
    expectNear(actual, expected, 1e-5)
  })

  describe.each([
    { lengths: [1], heads: 1, groupHeads: 1, headDim: 4 },
    { lengths: [5, 1, 40], heads: 4, groupHeads: 2, headDim: 32 },
    { lengths: [37, 2], heads: 2, groupHeads: 1, headDim: 12 },
    { lengths: [20], heads: 1, groupHeads: 1, headDim: 256 },
  ])('attention of texts $lengths with $heads heads of $headDim', ({ lengths, heads, groupHeads, headDim }) => {
    it.each([
      ['over all', {}],
      ['over those before', { isCausal: 1 }],
      ['in a window', { maxDistance: 3 }],
      ['in a window of those before', { isCausal: 1, maxDistance: 2 }],
      ['with scores by distance', { biasReach: 4 }],
    ])('%s', async (_, more) => {
      const { isCausal = 0, maxDistance = 0xffffffff, biasReach = NO_BIAS } = more as Record<string, number>
      const head = words(headDim)
      const keyHeads = heads / groupHeads
      const stride = head * (heads + 2 * keyHeads)
      const rows = lengths.reduce((sum, length) => sum + length, 0)
      const values = floats(rows * 4 * stride)
      const biases = floats(heads * 9)
      const cut = attentionTile(head)
      const blocks: number[] = []
      let start = 0
      for (const length of lengths) {
        for (let first = 0; first < length; first += cut.queries) blocks.push(start, length, first)
        start += length
      }
      const scale = 1 / Math.sqrt(headDim)
      const fields = { stride, keyStart: head * heads, valueStart: head * (heads + keyHeads), outStride: head * heads }
      const [actual] = await runKernel({
        code: attentionShader(cut),
        groups: [blocks.length / 3, heads],
        run: Uint32Array.of(rows, lengths.length, 0, 0, 0, 9, 0, 0, 0, ...blocks),
        parameters: parametersOf(ATTENTION_FIELDS, { ...fields, groupHeads, isCausal, maxDistance, biasReach }, [
          scale,
        ]),
        buffers: [
          { values },
          { values: biases },
          { values: new Float32Array(rows * 4 * head * heads), isWritten: true },
        ],
      })
      const expected = new Float64Array(rows * 4 * head * heads)
      const at = (row: number, column: number): number => values[row * 4 * stride + column] as number
      start = 0
      for (const length of lengths) {
        for (let query = 0; query < length; query++) {
          for (let h = 0; h < heads; h++) {
            const group = Math.floor(h / groupHeads)
            const scores = Array.from({ length }, (__, key) => {
              if (Math.abs(key - query) > maxDistance || (isCausal === 1 && key > query)) return -Infinity
              let score = 0
              for (let i = 0; i < headDim; i++) {
                score += at(start + query, 4 * head * h + i) * at(start + key, 4 * head * (heads + group) + i)
              }
              const away = Math.max(-4, Math.min(4, key - query))
              return score * scale + (biasReach === NO_BIAS ? 0 : (biases[h * 9 + 4 + away] as number))
            })
            const most = Math.max(...scores)
            const shares = scores.map((score) => Math.exp(score - most))
            const sum = shares.reduce((total, share) => total + share, 0)
            for (let i = 0; i < headDim; i++) {
              let value = 0
              shares.forEach((share, key) => {
                value += (share / sum) * at(start + key, 4 * head * (heads + keyHeads + group) + i)
              })
              expected[(start + query) * 4 * head * heads + 4 * head * h + i] = value
            }
          }
        }
        start += length
      }
      expectNear(actual, expected, 1e-5)
    })
  })

  it.each(['fp32', 'int8', 'fp16'] as const)(
    'embeds rows of %s and of positions, and leaves other parts of the table',
    async (kind) => {
      const [columns, entries] = [10, 6]
      const width = words(columns)
      const ids = [11, 9, 14, 3, 15]
      const positions = [0, 1, 2, 1, 0]
      const table =
        kind === 'int8'
          ? Float32Array.from(floats(entries * 12), (value) => Math.round(127 * value))
          : floats(entries * 12)
      const halves = toFloat16Bits(table)
      const values = { fp32: table, fp16: halves, int8: new Uint32Array(Int8Array.from(table).buffer) }[kind]
      const scales = Float32Array.from(floats(entries), Math.abs)
      const own = paddedRows(3, columns)
      const before = floats(ids.length * 12)
      const [actual] = await runKernel({
        code: EMBED,
        groups: [Math.ceil(width / ROW_THREADS), ids.length],
        run: Uint32Array.of(ids.length, 1, 9, 14, 0, 0, 0, 0, 0, ...ids, ...positions),
        parameters: parametersOf(
          EMBED_FIELDS,
          {
            words: width,
            stride: width,
            kind: TABLE_KINDS[kind],
            firstId: 9,
            rows: entries,
            flags: EMBED_FLAGS.positions,
          },
          [0.5],
        ),
        buffers: [{ values }, { values: scales }, { values: own }, { values: before, isWritten: true }],
      })
      const expected = Float64Array.from(before)
      ids.forEach((id, row) => {
        const entry = id - 9
        if (entry < 0 || entry >= entries) return
        for (let i = 0; i < 12; i++) {
          const scale = kind === 'int8' ? (scales[entry] as number) : 1
          expected[row * 12 + i] =
            (table[entry * 12 + i] as number) * scale * 0.5 + (own[(positions[row] as number) * 12 + i] as number)
        }
      })
      expectNear(actual, expected, kind === 'fp16' ? 2e-3 : 1e-5)
    },
  )

  it.each(['mean', 'max'] as const)('pools texts by %s, and none of what is left out', async (kind) => {
    const [columns, stride] = [70, 72]
    const lengths = [3, 0, 5]
    const skipped = 1
    const hidden = floats(8 * stride)
    const weights = floats(8)
    const bits = new Uint32Array(weights.buffer)
    const run = Uint32Array.of(8, 3, 0, 0, 0, 0, 9, 15, skipped, 0, 3, 3, 0, 3, 5, ...bits)
    const outStride = 80
    const fields = { stride, columns, outStride, outColumn: 4, weights: 0, isMax: Number(kind === 'max') }
    const before = floats(3 * outStride)
    const [actual] = await runKernel({
      code: POOL,
      groups: [Math.ceil(columns / ROW_THREADS), 3],
      run,
      parameters: parametersOf(POOL_FIELDS, fields, [-1e30]),
      buffers: [{ values: hidden }, { values: before, isWritten: true }],
    })
    const expected = Float64Array.from(before)
    let start = 0
    lengths.forEach((length, text) => {
      for (let column = 0; column < columns; column++) {
        const rows = Array.from({ length }, (_, row) => start + row)
        const value = (row: number): number => hidden[row * stride + column] as number
        expected[text * outStride + 4 + column] =
          kind === 'max'
            ? Math.max(Math.fround(-1e30), ...rows.slice(skipped).map(value))
            : rows.reduce((sum, row) => sum + (weights[row] as number) * value(row), 0)
      }
      start += length
    })
    expectNear(actual, expected, 1e-5)
  })
})
