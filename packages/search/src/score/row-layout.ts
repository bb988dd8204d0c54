import { codeBytes, type CodePrecision } from '@nestling/kit/math/row-codec'
import type { IndexPrecision } from '../wire/protocol.js'

/** Rows of a block. Small, so that the last block, which is seldom full, wastes little. */
export const BLOCK_ROWS = 1024

/** Rows of few bits whose bytes lie side by side: as many as one instruction looks up. */
export const GROUP_ROWS = 16

/** Components of the shortlist of the funnel, kept apart from the others so that a scan of them reads nothing else. */
export const HEAD_DIM = 64

/** A dim from which rows are cut into heads and tails: below it the heads would be no shortcut. */
const MIN_SPLIT_DIM = 2 * HEAD_DIM

/** Int8 are read 16 bytes at a time, and so are four floats. */
const VECTOR_BYTES = 16

/** Which forms of its rows an index keeps, the finest first. The others are made of it. */
export type RowForms = readonly [IndexPrecision, ...IndexPrecision[]]

/** A form whose kernels look up what four bits add. */
export type PackedForm = Exclude<CodePrecision, 'int8'>

/** Where the parts of a block are: offsets in bytes, lengths in components. */
export interface RowLayout {
  readonly dim: number
  readonly forms: RowForms
  readonly float32: PlaneLayout
  readonly int8: PlaneLayout
  readonly packed: ReadonlyMap<PackedForm, PackedLayout>
  /** Bytes of a block. */
  readonly blockBytes: number
  /** Bytes that a row takes, padding included. */
  readonly rowBytes: number
}

/** Rows of numbers: heads, tails and scales, each one after another. */
export interface PlaneLayout {
  readonly heads: number
  readonly headLength: number
  readonly tails: number
  readonly tailLength: number
  readonly scales: number
}

/** Rows of few bits: of each {@link GROUP_ROWS} rows the first bytes, then the second bytes, and so on; scales one after another. */
export interface PackedLayout {
  readonly codes: number
  /** Bytes of a row. */
  readonly columns: number
  readonly scales: number
}

/**
 * Says whether a form has fewer than 8 bits a component.
 *
 * @param form - Any form.
 */
export function isPacked(form: IndexPrecision): form is PackedForm {
  return form !== 'float32' && form !== 'int8'
}

/**
 * Plans a block.
 *
 * @param dim - Components of a row.
 * @param forms - What is kept of a row.
 * @returns Where everything is.
 */
export function planRows(dim: number, forms: RowForms): RowLayout {
  let rowBytes = 0
  const take = (bytes: number): number => {
    const offset = rowBytes * BLOCK_ROWS
    rowBytes += bytes
    return offset
  }
  const plane = (isKept: boolean, valueBytes: number): PlaneLayout => {
    const padded = roundUp(dim, VECTOR_BYTES / valueBytes)
    const headLength = dim < MIN_SPLIT_DIM ? padded : HEAD_DIM
    const tailLength = padded - headLength
    if (!isKept) return { heads: 0, headLength, tails: 0, tailLength, scales: 0 }
    return {
      heads: take(headLength * valueBytes),
      headLength,
      tails: take(tailLength * valueBytes),
      tailLength,
      scales: take(Float32Array.BYTES_PER_ELEMENT),
    }
  }
  const float32 = plane(forms.includes('float32'), Float32Array.BYTES_PER_ELEMENT)
  const int8 = plane(forms.includes('int8'), Int8Array.BYTES_PER_ELEMENT)
  const packed = new Map<PackedForm, PackedLayout>()
  for (const form of forms.filter(isPacked)) {
    const columns = codeBytes(form, dim)
    packed.set(form, { columns, codes: take(columns), scales: take(Float32Array.BYTES_PER_ELEMENT) })
  }
  return { dim, forms, float32, int8, packed, blockBytes: rowBytes * BLOCK_ROWS, rowBytes }
}

/**
 * Rounds up to a multiple.
 *
 * @param value - A number.
 */
export function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step
}
