import { KERNEL_BUILDS, kernelModule } from '@nestling/testing/kernels'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { activationFunction } from '../activate.js'
import type { Activation } from '../../model/encoder-spec.js'
import type { KernelExports } from './kernel-exports.js'
import { align } from './kernel-memory.js'

/** AssemblyScript compiles from source. */
const COMPILE_MS = 60_000
const FUZZ_MS = 30_000
const RUNS = 60

/** Written around every buffer. As float32 it is far beyond all numbers here, so reading it would show too. */
const CANARY = 0x7b
const CANARY_BYTES = 64
const BLOCK = 128
/** 4 MB: the largest case needs 2. */
const PAGES = 64

/** Memory with a canary around each buffer. */
class Bench {
  readonly memory = new WebAssembly.Memory({ initial: PAGES })
  readonly kernels: KernelExports
  readonly #bytes = new Uint8Array(this.memory.buffer)
  readonly #canaries: number[] = []
  #end = 64

  constructor(module: WebAssembly.Module) {
    this.kernels = new WebAssembly.Instance(module, { env: { memory: this.memory } })
      .exports as unknown as KernelExports
    this.#bytes.fill(CANARY)
    this.#addCanary()
  }

  take(byteLength: number): number {
    const pointer = this.#end
    this.#end = align(pointer + byteLength)
    // What alignment leaves behind the buffer is part of the canary.
    this.#canaries.push(pointer + byteLength)
    this.#addCanary()
    return pointer
  }

  floats(values: ArrayLike<number> | number): { readonly at: number; readonly data: Float32Array } {
    const length = typeof values === 'number' ? values : values.length
    const at = this.take(length * 4)
    const data = new Float32Array(this.memory.buffer, at, length)
    if (typeof values !== 'number') data.set(values)
    return { at, data }
  }

  bytes(values: Int8Array): number {
    const at = this.take(values.length)
    new Int8Array(this.memory.buffer).set(values, at)
    return at
  }

  /** Whether nothing was written outside of the buffers. */
  get isUntouched(): boolean {
    return this.#canaries.every((start) => {
      const end = align(start) + CANARY_BYTES
      return this.#bytes.subarray(start, end).every((byte) => byte === CANARY)
    })
  }

  #addCanary(): void {
    this.#canaries.push(this.#end)
    this.#end += CANARY_BYTES
  }
}

/** A generator of its own: fast-check would keep every number to shrink it. */
function random(seed: number): () => number {
  let state = seed | 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state / 2 ** 32) * 2 - 1
  }
}

const fill = (length: number, next: () => number, scale = 1): number[] =>
  Array.from({ length }, () => Math.fround(next() * scale))
const roundUp = (value: number, unit: number): number => Math.ceil(value / unit) * unit

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 16 }).map((groups) => groups * 4),
  depth: fc.integer({ min: 1, max: 300 }),
  columns: fc.integer({ min: 1, max: 40 }),
  isSum: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1e9 }),
})

describe.each(KERNEL_BUILDS)('the build %s', (build) => {
  let module: WebAssembly.Module
  beforeAll(async () => {
    module = await kernelModule(build)
  }, COMPILE_MS)

  it(
    'multiplies float32 rows of any shape within 1e-6 of the sum of magnitudes, and writes nowhere else',
    () => {
      const property = fc.property(shapes, ({ rows, depth, columns, isSum, seed }) => {
        const bench = new Bench(module)
        const next = random(seed)
        const width = roundUp(columns, 8)
        const input = bench.floats(fill(rows * depth, next, 3))
        const weights = fill(columns * depth, next)
        const biases = bench.floats(fill(width, next))
        const packed = bench.take(width * depth * 4)
        bench.kernels.packFloat32(bench.floats(weights).at, columns, depth, packed)
        const output = bench.floats(fill(rows * width, next))
        const before = Float32Array.from(output.data)
        bench.kernels.multiplyFloat32(
          input.at,
          depth * 4,
          rows,
          packed,
          depth,
          width,
          biases.at,
          output.at,
          width * 4,
          isSum,
        )
        for (let row = 0; row < rows; row++) {
          for (let column = 0; column < columns; column++) {
            let sum = (biases.data[column] ?? 0) + (isSum ? (before[row * width + column] ?? 0) : 0)
            let magnitude = Math.abs(sum)
            for (let at = 0; at < depth; at++) {
              const product = (input.data[row * depth + at] ?? 0) * (weights[column * depth + at] ?? 0)
              sum += product
              magnitude += Math.abs(product)
            }
            const bound = 1e-6 * (1 + magnitude)
            if (Math.abs((output.data[row * width + column] ?? NaN) - sum) > bound) return false
          }
        }
        return bench.isUntouched
      })
      fc.assert(property, { numRuns: RUNS })
    },
    FUZZ_MS,
  )

  it(
    'multiplies int8 rows of any shape within half a level of each activation, and writes nowhere else',
    () => {
      const property = fc.property(shapes, fc.boolean(), ({ rows, depth, columns, isSum, seed }, inSteps) => {
        const bench = new Bench(module)
        const next = random(seed)
        const width = roundUp(columns, 8)
        const padded = roundUp(depth, 16)
        const blocks = Math.ceil(depth / BLOCK)
        // Rows are read to a multiple of 16.
        const input = bench.floats(fill(rows * padded, next, 3))
        const weights = Int8Array.from({ length: columns * depth }, () => Math.round(next() * 127))
        const scales = bench.floats(fill(columns, next, 0.01).map(Math.abs))
        const biases = bench.floats(fill(width, next))
        const packed = bench.take(width * padded)
        const factors = bench.floats(width)
        const totals = bench.floats(width * blocks)
        const source = bench.bytes(weights)
        bench.kernels.packInt8(source, scales.at, columns, depth, packed, factors.at, totals.at)
        const quantized = bench.take(rows * padded * (build === 'simd' ? 2 : 1))
        const ranges = bench.floats(rows * 2 * blocks)
        bench.kernels.quantizeRows(input.at, padded * 4, rows, depth, quantized, ranges.at)
        const output = bench.floats(fill(rows * width, next))
        const before = Float32Array.from(output.data)
        bench.kernels.multiplyInt8(
          quantized,
          ranges.at,
          rows,
          packed,
          padded,
          width,
          factors.at,
          totals.at,
          biases.at,
          output.at,
          width * 4,
          isSum,
          inSteps,
        )
        for (let row = 0; row < rows; row++) {
          const own = input.data.subarray(row * padded, row * padded + depth)
          for (let column = 0; column < columns; column++) {
            let sum = (biases.data[column] ?? 0) + (isSum ? (before[row * width + column] ?? 0) : 0)
            let bound = 1e-4
            for (let start = 0; start < depth; start += BLOCK) {
              const block = own.subarray(start, start + BLOCK)
              const level = (Math.max(...block) - Math.min(...block)) / 127
              block.forEach((value, at) => {
                const weight = (weights[column * depth + start + at] ?? 0) * (scales.data[column] ?? 0)
                sum += value * weight
                bound += 0.501 * level * Math.abs(weight)
              })
            }
            if (Math.abs((output.data[row * width + column] ?? NaN) - sum) > bound) return false
          }
        }
        return bench.isUntouched
      })
      fc.assert(property, { numRuns: RUNS })
    },
    FUZZ_MS,
  )

  const attentions = fc.record({
    lengths: fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 512 })), {
      minLength: 1,
      maxLength: 3,
    }),
    keyValueHeads: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
    headDim: fc.integer({ min: 1, max: 20 }),
    isCausal: fc.boolean(),
    maxDistance: fc.oneof(fc.constant(2 ** 30), fc.integer({ min: 0, max: 20 })),
    hasBias: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1e9 }),
  })

  it(
    'attends within 2e-5 over texts of 1 to 512 tokens that lie one behind the other',
    () => {
      const property = fc.property(attentions, (how) => {
        const { lengths, keyValueHeads, group, headDim, isCausal, maxDistance, hasBias, seed } = how
        const bench = new Bench(module)
        const next = random(seed)
        const heads = keyValueHeads * group
        const scale = headDim ** -0.5
        const tokens = lengths.reduce((sum, length) => sum + length, 0)
        const longest = roundUp(Math.max(...lengths), 8)
        const part = roundUp(heads * headDim, 8)
        const shared = roundUp(keyValueHeads * headDim, 8)
        const width = part + 2 * shared + 8
        const source = bench.floats(fill((tokens + 8) * width, next, 2))
        const output = bench.floats((tokens + 8) * (part + 8))
        const biasWidth = 2 * longest + 16
        const biases = bench.floats(fill(heads * biasWidth, next))
        const keys = bench.take(longest * (headDim + 4) * 4)
        const scores = bench.take(16 * longest * 4 + 16)
        let start = 0
        for (const length of lengths) {
          const at = source.at + start * width * 4
          bench.kernels.attend(
            at,
            at + part * 4,
            at + (part + shared) * 4,
            width * 4,
            length,
            heads,
            keyValueHeads,
            headDim,
            scale,
            hasBias ? biases.at + longest * 4 : 0,
            biasWidth * 4,
            isCausal,
            maxDistance,
            keys,
            scores,
            output.at + start * (part + 8) * 4,
            (part + 8) * 4,
          )
          start += length
        }
        start = 0
        for (const length of lengths) {
          const at = (token: number, column: number): number => source.data[(start + token) * width + column] ?? NaN
          for (let head = 0; head < heads; head++) {
            const own = Math.floor(head / group) * headDim
            // A few queries of each text: all of 512 would take a second.
            for (const query of new Set([0, 1, Math.floor(length / 2), length - 1].filter((token) => token < length))) {
              const raw = Array.from({ length }, (_, key) => {
                if ((isCausal && key > query) || Math.abs(key - query) > maxDistance) return -Infinity
                let score = 0
                for (let c = 0; c < headDim; c++) score += at(query, head * headDim + c) * at(key, part + own + c)
                const bias = biases.data[head * biasWidth + longest + key - query] ?? NaN
                return score * scale + (hasBias ? bias : 0)
              })
              const most = Math.max(...raw)
              const shares = raw.map((score) => Math.exp(score - most))
              const sum = shares.reduce((total, share) => total + share, 0)
              for (let c = 0; c < headDim; c++) {
                const mixed = shares.reduce((total, share, key) => {
                  return total + (share / sum) * at(key, part + shared + own + c)
                }, 0)
                const found = output.data[(start + query) * (part + 8) + head * headDim + c] ?? NaN
                if (!(Math.abs(found - mixed) <= 2e-5)) return false
              }
            }
          }
          start += length
        }
        return bench.isUntouched
      })
      fc.assert(property, { numRuns: RUNS / 2 })
    },
    FUZZ_MS,
  )

  const ACTIVATIONS: readonly [Activation, number][] = [
    ['gelu', 1],
    ['gelu-tanh', 2],
    ['quick-gelu', 3],
    ['relu', 4],
    ['silu', 5],
    ['tanh', 6],
    ['sigmoid', 7],
  ]

  it.each(ACTIVATIONS)('computes %s within 1e-6 from -30 to 30', (activation, number) => {
    const bench = new Bench(module)
    const exact = activationFunction(activation)
    const inputs = Array.from({ length: 24_000 }, (_, index) => Math.fround((index - 12_000) / 400))
    const { at, data } = bench.floats(inputs)
    bench.kernels.activate(number, at, 4 * 6000, 4, 6000)
    // The error function of the reference is itself off by 1.5e-7.
    const worst = inputs.reduce((most, input, index) => {
      return Math.max(most, Math.abs((data[index] ?? NaN) - exact(input)) / (1 + Math.abs(input)))
    }, 0)
    expect(worst).toBeLessThan(1e-6)
    expect(bench.isUntouched).toBe(true)
  })

  it.each(['layer', 'rms'] as const)('normalises rows of any length, kind %s', { timeout: FUZZ_MS }, (kind) => {
    const property = fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 1e9 }),
      (columns, seed) => {
        const bench = new Bench(module)
        const next = random(seed)
        const rows = bench.floats(fill(3 * columns, next, 4))
        const factors = bench.floats(fill(columns, next))
        const offsets = bench.floats(fill(columns, next))
        const target = bench.floats(3 * columns)
        const kernel = kind === 'layer' ? bench.kernels.layerNorm : bench.kernels.rootMeanSquareNorm
        kernel(rows.at, columns * 4, 3, columns, factors.at, offsets.at, 1e-3, target.at, columns * 4)
        const isRight = [0, 1, 2].every((row) => {
          const own = Array.from(rows.data.subarray(row * columns, (row + 1) * columns))
          const mean = kind === 'layer' ? own.reduce((sum, value) => sum + value, 0) / columns : 0
          const square = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns
          return own.every((value, at) => {
            const unit = (value - mean) / Math.sqrt(square + 1e-3)
            const expected = unit * (factors.data[at] ?? NaN) + (offsets.data[at] ?? NaN)
            return Math.abs((target.data[row * columns + at] ?? NaN) - expected) < 1e-5
          })
        })
        return isRight && bench.isUntouched
      },
    )
    fc.assert(property, { numRuns: RUNS })
  })

  it('quantises weights to the nearest of 255 levels, and gives them back', () => {
    const bench = new Bench(module)
    const weights = [0.5, -1, 0.25, 0, 0, 0]
    const values = bench.take(6)
    const scales = bench.floats(2)
    bench.kernels.quantizeWeights(bench.floats(weights).at, 2, 3, values, scales.at)
    // 0.5 * 127 is 63.5, and 0.25 * 127 is 31.75.
    expect(Array.from(new Int8Array(bench.memory.buffer, values, 6))).toEqual([64, -127, 32, 0, 0, 0])
    expect(Array.from(scales.data)).toEqual([Math.fround(1 / 127), 0])
    expect(bench.isUntouched).toBe(true)
  })

  it('multiplies right here', () => {
    const bench = new Bench(module)
    expect([1, 2]).toContain(bench.kernels.probeProducts(bench.take(48)))
    expect(bench.isUntouched).toBe(true)
  })
})
