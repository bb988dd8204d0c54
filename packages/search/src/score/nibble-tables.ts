import { CODE_BITS } from '@nestling/kit/math/row-codec'
import type { PackedForm } from './row-layout.js'

/** Bytes of the tables of a byte of codes: low and high seven bits of 16 values, for its upper and for its lower four bits. */
export const COLUMN_TABLE_BYTES = 64

/** Half of such tables. */
const NIBBLE_TABLE_BYTES = 32

/** Added to values, so that none is negative: the kernel subtracts it again. */
const BIAS = 8192

/** Largest value: with its bias it has 14 bits. */
const TOP_VALUE = BIAS - 1

/**
 * How far a value of a table may be from what it stands for: half by rounding, and what float32 rounds of the sum and of its product with
 * the scale.
 */
export const VALUE_ERROR: number = 0.5 + BIAS * 2 ** -23

/**
 * Writes down what each four bits of a row add to its score, for the kernels of few bits: bytes of 16 values are what one instruction
 * looks up for 16 rows.
 *
 * @param query - Its components.
 * @param tables - Gets the tables, {@link COLUMN_TABLE_BYTES} for each byte of a row.
 * @returns The unit: sums of the values times it are products of query and levels.
 * @see {@link https://arxiv.org/abs/1704.07355 | Quick ADC} (André, Kermarrec, Le Scouarnec), and FAISS's FastScan
 */
export function fillNibbleTables(query: Float32Array, form: PackedForm, tables: Uint8Array): number {
  const bits = CODE_BITS[form]
  const top = 2 ** bits - 1
  const perNibble = 4 / bits
  let largest = 0
  for (let start = 0; start < query.length; start += perNibble) {
    let sum = 0
    for (let index = start; index < start + perNibble; index++) sum += Math.abs(query[index] ?? 0)
    largest = Math.max(largest, sum * top)
  }
  const unit = largest / TOP_VALUE || 1
  const values = new Float64Array(16)
  for (let nibble = 0; nibble * NIBBLE_TABLE_BYTES < tables.length; nibble++) {
    values.fill(0)
    for (let place = 0; place < perNibble; place++) {
      const value = (query[nibble * perNibble + place] ?? 0) / unit
      const shift = 4 - bits * (place + 1)
      for (let code = 0; code < 16; code++) {
        values[code] = (values[code] as number) + value * (2 * ((code >> shift) & top) - top)
      }
    }
    for (let code = 0; code < 16; code++) {
      const biased = Math.round(values[code] as number) + BIAS
      tables[nibble * NIBBLE_TABLE_BYTES + code] = biased & 127
      tables[nibble * NIBBLE_TABLE_BYTES + 16 + code] = biased >> 7
    }
  }
  return unit
}
