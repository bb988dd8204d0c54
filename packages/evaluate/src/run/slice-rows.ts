import type { FloatRows } from '@nestling/kit/math/float-rows'

/**
 * Takes some of the rows.
 *
 * @param start - The first one to take.
 * @param end - The one after the last.
 * @returns A view.
 */
export function sliceRows({ data, dim }: FloatRows, start: number, end: number): FloatRows {
  return { data: data.subarray(start * dim, end * dim), count: end - start, dim }
}
