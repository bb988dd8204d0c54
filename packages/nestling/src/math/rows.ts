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

/**
 * Keeps the first components of every row.
 *
 * @param rows - Rows of one length, row-major.
 * @param dim - Components of a row.
 * @param kept - Components to keep; at most `dim`.
 * @returns Rows of `kept` components; the same array where that is all of them.
 */
export function truncateRows(rows: Float32Array<ArrayBuffer>, dim: number, kept: number): Float32Array<ArrayBuffer> {
  if (kept === dim) return rows
  const count = rows.length / dim
  const cut = new Float32Array(count * kept)
  for (let row = 0; row < count; row++) cut.set(rows.subarray(row * dim, row * dim + kept), row * kept)
  return cut
}
