import { COLUMN_TABLE_BYTES } from './nibble-tables.js'
import { roundUp, type PackedForm, type RowLayout } from './row-layout.js'

/** Addresses below are left alone: nothing of ours is at 0. */
const FIRST_BYTE = 1024

/** Rows that a call of the kernels may score: one block, or one portion of a shortlist. */
export const MAX_SCORES = 4096

/** Addresses of a row's head, tail and scale; of few bits, of its first byte and its scale. */
export const PLACE_WORDS = 3
export const PACKED_PLACE_WORDS = 2

/** Where queries and scores are. */
export interface Scratch {
  readonly float32: number
  readonly int16: number
  /** Tables of each form of few bits. */
  readonly tables: ReadonlyMap<PackedForm, number>
  readonly places: number
  readonly scores: number
  readonly end: number
}

/**
 * Plans what lies before the rows.
 *
 * @param layout - Which forms a query is needed in.
 */
export function planScratch({ float32, int8, packed }: RowLayout): Scratch {
  let end = FIRST_BYTE
  const take = (bytes: number): number => {
    const start = end
    end += roundUp(bytes, 16)
    return start
  }
  return {
    float32: take((float32.headLength + float32.tailLength) * 4),
    int16: take((int8.headLength + int8.tailLength) * 2),
    tables: new Map(Array.from(packed, ([form, { columns }]) => [form, take(columns * COLUMN_TABLE_BYTES)])),
    places: take(MAX_SCORES * PLACE_WORDS * 4),
    scores: take(MAX_SCORES * 4),
    end,
  }
}
