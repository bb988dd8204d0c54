import { packSigns } from '@nestling/kit/math/pack-signs'
import { Embeddings } from './embeddings.js'
import type { AnyMatrix, Matrix, Shape } from './matrix.js'
import { ARRAY_OF, componentsPerValue, type Precision } from './precision.js'

/** Where the 256 levels of `int8` and `uint8` lie. Other precisions need neither. */
export interface QuantizeOptions {
  /**
   * Smallest and largest value of every component, of shape `[2, dim]`; goes before `calibrationEmbeddings`.
   *
   * @defaultValue those of the calibration embeddings
   */
  readonly ranges?: Pick<Matrix, 'data' | 'shape'> | undefined
  /**
   * Embeddings that stand for all, of shape `[count, dim]`.
   *
   * @defaultValue the embeddings themselves, if there are at least two
   */
  readonly calibrationEmbeddings?: Pick<Matrix, 'data' | 'shape'> | undefined
}

/** Values of one step: about 0.5 ms. */
const STEP_SIZE = 50_000

/** Levels of a component, less one. */
const TOP_LEVEL = 255

/**
 * Makes sure that embeddings can be quantized, before work is done for it.
 *
 * @param embeddings - Their number, their length and what they are now.
 * @param precision - What they shall be.
 * @param options - Ranges or calibration.
 * @throws {TypeError} If the embeddings are quantized already.
 * @throws {RangeError} If ranges or calibration do not fit, or must come from a single embedding.
 */
export function checkQuantizable(
  embeddings: Pick<AnyMatrix, 'count' | 'dim' | 'precision'>,
  precision: Precision,
  options: QuantizeOptions,
): void {
  const { count, dim } = embeddings
  if (embeddings.precision !== 'float32') {
    throw new TypeError(
      `Cannot quantize embeddings as their precision must be float32: current value is ${embeddings.precision}`,
    )
  }
  if (!hasLevels(precision)) return
  const { ranges, calibrationEmbeddings } = options
  if (ranges !== undefined) checkShape('ranges', ranges, dim, ranges.shape[0] === 2)
  else if (calibrationEmbeddings !== undefined) {
    checkShape('calibrationEmbeddings', calibrationEmbeddings, dim, calibrationEmbeddings.shape[0] > 0)
  } else if (count === 1) {
    throw new RangeError(
      `Cannot quantize to ${precision} as ranges must come from two embeddings or more: current value is 1\nGive ranges or calibrationEmbeddings`,
    )
  }
}

/**
 * Converts embeddings to a precision.
 *
 * @param embeddings - Float32 embeddings.
 * @param precision - What they shall be.
 * @param options - Ranges or calibration for `int8` and `uint8`.
 * @returns Steps that end in new embeddings; for `float32` in the same ones.
 * @throws {TypeError} If the embeddings are quantized already.
 * @throws {RangeError} If ranges or calibration do not fit, or must come from a single embedding.
 * @see `sentence_transformers.util.quantize_embeddings`
 */
export function* quantizeSteps<S extends Shape, P extends Precision>(
  embeddings: Embeddings<S>,
  precision: P,
  options: QuantizeOptions = {},
): Generator<undefined, Embeddings<S, P>, undefined> {
  checkQuantizable(embeddings, precision, options)
  const { count, shape, space } = embeddings
  if (precision === 'float32') return embeddings as unknown as Embeddings<S, P>
  const dim = Math.ceil(embeddings.dim / componentsPerValue(precision))
  const data = new ARRAY_OF[precision](count * dim)
  // A matrix without rows has nothing to calibrate with, and needs nothing.
  if (count > 0) yield* hasLevels(precision) ? fillLevels(data, embeddings, options) : fillBits(data, embeddings)
  const packedShape = (shape.length === 1 ? [dim] : [count, dim]) as Shape as S
  return new Embeddings(data, packedShape, space, precision).withTokens(embeddings.tokens)
}

function hasLevels(precision: Precision): boolean {
  return precision.endsWith('int8')
}

function checkShape(
  name: string,
  { data, shape }: { readonly data: Float32Array; readonly shape: Shape },
  dim: number,
  hasRows: boolean,
): void {
  // A clone's fields may not belong together.
  if (shape.length === 2 && shape[1] === dim && hasRows && data.length === shape[0] * dim) return
  const rows = name === 'ranges' ? '2' : 'count'
  throw new RangeError(
    `Cannot quantize embeddings as ${name} must have shape [${rows}, ${dim}]: current shape is [${shape.join(', ')}]`,
  )
}

/** Every operation is rounded to float32, as numpy does, or values at the edge of a level would fall on its other side. */
function* fillLevels(
  levels: Float32Array | Int8Array | Uint8Array,
  { data, dim, count }: Matrix<Shape>,
  options: QuantizeOptions,
): Generator<undefined, void, undefined> {
  const ranges = options.ranges?.data ?? (yield* rangesOf(options.calibrationEmbeddings?.data ?? data, dim))
  const starts = ranges.subarray(0, dim)
  const widths = Float32Array.from(starts, (start, index) => {
    const width = Math.fround(Math.fround((ranges[dim + index] as number) - start) / TOP_LEVEL)
    return width === 0 ? 1 : width
  })
  const lowest = levels instanceof Int8Array ? -128 : 0
  for (let row = 0, next = 0; row < count; row++) {
    for (let index = 0; index < dim; index++, next++) {
      const offset = Math.fround((data[next] as number) - (starts[index] as number))
      const level = Math.floor(Math.fround(offset / (widths[index] as number)))
      levels[next] = Math.min(Math.max(level, 0), TOP_LEVEL) + lowest
    }
    if (isStepEnd(row, dim)) yield
  }
}

/** Smallest values, then largest values, of each component. */
function* rangesOf(data: Float32Array, dim: number): Generator<undefined, Float32Array, undefined> {
  const ranges = new Float32Array(2 * dim)
  ranges.set(data.subarray(0, dim))
  ranges.set(data.subarray(0, dim), dim)
  for (let row = 1, next = dim; next < data.length; row++) {
    for (let index = 0; index < dim; index++, next++) {
      const value = data[next] as number
      // These keep NaN, as numpy does.
      ranges[index] = Math.min(ranges[index] as number, value)
      ranges[dim + index] = Math.max(ranges[dim + index] as number, value)
    }
    if (isStepEnd(row, dim)) yield
  }
  return ranges
}

function* fillBits(
  values: Float32Array | Int8Array | Uint8Array,
  { data, dim, count }: Matrix<Shape>,
): Generator<undefined, void, undefined> {
  const width = values.length / count
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  for (let row = 0; row < count; row++) {
    packSigns(data.subarray(row * dim, (row + 1) * dim), bytes.subarray(row * width, (row + 1) * width))
    if (isStepEnd(row, dim)) yield
  }
  // `binary` is `ubinary` less 128: in a signed byte that is the highest bit turned around.
  if (!(values instanceof Int8Array)) return
  for (let row = 0; row < count; row++) {
    for (let at = row * width; at < (row + 1) * width; at++) bytes[at] = (bytes[at] as number) ^ 128
    if (isStepEnd(row, width)) yield
  }
}

/** Whether so many values are done after this row that the page may want to breathe. */
function isStepEnd(row: number, dim: number): boolean {
  return (row + 1) % Math.max(1, Math.floor(STEP_SIZE / dim)) === 0
}
