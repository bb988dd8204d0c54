import { codeBytes } from '@nestling/kit/math/row-codec'
import type { IndexPrecision } from '../wire/protocol.js'

/** Rows one after another: float32 as they came, levels of int8, or codes of few bits, of which each row begins a byte. */
export type RowArray = Float32Array<ArrayBuffer> | Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

type RowArrayClass = (new (length: number) => RowArray) & (new (buffer: ArrayBuffer) => RowArray)

/**
 * Finds the class of arrays that hold rows of a precision.
 *
 * @param precision - Of the rows.
 */
export function arrayOf(precision: IndexPrecision): RowArrayClass {
  if (precision === 'float32') return Float32Array
  return precision === 'int8' ? Int8Array : Uint8Array
}

/**
 * Counts the values of such an array that a row takes.
 *
 * @param dim - Components of a row.
 */
export function valuesPerRow(precision: IndexPrecision, dim: number): number {
  return precision === 'float32' ? dim : codeBytes(precision, dim)
}
