import type { FloatRows } from '@nestling/kit/math/float-rows'
import { checkKeys, checkOneOf, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { checkRows } from '../mining/check-float-rows.js'
import { Slices, type LongWorkOptions } from '../mining/slices.js'
import { checkLongWork } from '../mining/semantic-search.js'
import { INDEX_PRECISIONS, type IndexPrecision } from '../wire/protocol.js'

/** Rows of levels, each with a scale of its own: a row is about `scale * levels`. */
export interface QuantizedRows {
  /** What the codes are. */
  readonly precision: Exclude<IndexPrecision, 'float32'>
  /**
   * Levels of `int8`. Of fewer bits, codes from the highest bit of a byte on, `ceil(dim * bits / 8)` bytes a row; a code `c` of `b` bits
   * stands for the level `2c - (2^b - 1)`. Those of `binary` are what `ubinary` of `quantizeEmbeddings` is.
   */
  readonly codes: Int8Array | Uint8Array
  /** One a row. */
  readonly scales: Float32Array
  /** Rows. */
  readonly count: number
  /** Components of a row. */
  readonly dim: number
}

const WHAT = 'quantize'

const KNOWN_KEYS: KnownKeys<LongWorkOptions> = { pause: true, signal: true, onProgress: true }

const CODED = INDEX_PRECISIONS.filter((precision) => precision !== 'float32')

/**
 * Rounds rows as an index of that precision keeps them, in slices that leave the page responsive. Unlike `quantizeEmbeddings` of nestling it
 * needs no ranges: each row has a scale of its own, the one that leaves no error in the row's own direction.
 *
 * @param rows - Rows: `[count, dim]`.
 * @param precision - `int8`, `int4`, `int2` or `binary`: 8, 4, 2 or 1 bits a component.
 * @param options - How to pause and who may end it.
 * @returns Codes and scales, in the order of the rows.
 * @throws {TypeError} If the rows are none of float32, or the precision or an option is not one.
 * @throws {RangeError} If the values are not `count * dim`, or a row has a component that is no finite number.
 */
export async function quantizeRows(
  rows: FloatRows,
  precision: QuantizedRows['precision'],
  options: LongWorkOptions = {},
): Promise<QuantizedRows> {
  checkRows(WHAT, 'rows', rows)
  checkPrecision(WHAT, precision)
  checkKeys(WHAT, options, KNOWN_KEYS)
  checkLongWork(WHAT, options)
  const { codeBytes, encodeRow } = await import('@nestling/kit/math/row-codec')
  const { data, count, dim } = rows
  const width = codeBytes(precision, dim)
  const codes = precision === 'int8' ? new Int8Array(count * width) : new Uint8Array(count * width)
  const scales = new Float32Array(count)
  const slices = new Slices(options)
  for (let row = 0; row < count; row++) {
    const scale = encodeRow(
      data.subarray(row * dim, (row + 1) * dim),
      precision,
      codes.subarray(row * width, (row + 1) * width),
    )
    if (!Number.isFinite(scale)) {
      throw new RangeError(
        `Cannot ${WHAT} as rows must have finite components: current value of rows[${row}] has others`,
      )
    }
    scales[row] = scale
    if (!slices.isOver) continue
    await slices.rest()
    slices.tell((row + 1) / count)
  }
  slices.finish()
  return { precision, codes, scales, count, dim }
}

/**
 * Gives rows as their codes have kept them.
 *
 * @param rows - What {@link quantizeRows} gave.
 * @returns Rows: `[count, dim]`.
 * @throws {TypeError} If they are none.
 * @throws {RangeError} If codes or scales are not as many as the rows need.
 */
export async function dequantizeRows(rows: QuantizedRows): Promise<FloatRows> {
  const given: unknown = rows
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`Cannot de${WHAT} as rows must be what quantizeRows() gave: current value is ${show(given)}`)
  }
  const { precision, codes, scales, count, dim } = rows
  checkPrecision(`de${WHAT}`, precision)
  const { codeBytes, decodeRows } = await import('@nestling/kit/math/row-codec')
  const width = codeBytes(precision, dim)
  if (codes.length !== count * width || scales.length !== count) {
    throw new RangeError(
      `Cannot de${WHAT} as ${count} rows must have ${count * width} bytes of codes: current value is ${codes.length}, with ${scales.length} scales`,
    )
  }
  return { data: decodeRows(codes, precision, scales, dim), count, dim }
}

/** It has no default. */
function checkPrecision(what: string, precision: unknown): void {
  checkOneOf(what, 'precision', precision ?? null, CODED)
}
