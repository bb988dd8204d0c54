/** `torch.nn.functional.normalize` clamps lengths there. */
const MIN_NORM = 1e-12

/**
 * Scales rows to length 1, in place.
 *
 * @param rows - Rows of one length, row-major.
 * @param dim - Components of a row.
 * @returns The same array.
 * @see `torch.nn.functional.normalize`
 */
export function normalizeRows<T extends Float32Array>(rows: T, dim: number): T {
  for (let start = 0; start < rows.length; start += dim) {
    let squares = 0
    for (let index = start; index < start + dim; index++) squares += (rows[index] as number) ** 2
    const length = Math.max(Math.sqrt(squares), MIN_NORM)
    for (let index = start; index < start + dim; index++) rows[index] = (rows[index] as number) / length
  }
  return rows
}
