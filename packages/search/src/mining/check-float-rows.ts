import type { FloatRows } from '@nestling/kit/math/float-rows'
import { show } from '@nestling/kit/options/show'

/**
 * Checks rows.
 *
 * @param what - The call, for the message.
 * @param name - The parameter.
 * @param rows - What the caller gave.
 * @throws {TypeError} If they are no rows of float32.
 * @throws {RangeError} If the values are not `count * dim`.
 */
export function checkRows(what: string, name: string, rows: FloatRows): void {
  const given: unknown = rows
  const { data, count, dim } = (typeof given === 'object' && given !== null ? given : {}) as Partial<FloatRows>
  if (!(data instanceof Float32Array) || count === undefined || dim === undefined) {
    throw new TypeError(
      `Cannot ${what} as ${name} must be { data: Float32Array, count, dim }: current value is ${show(given)}\nMake such of plain rows with Embeddings.from(rows) of nestling`,
    )
  }
  if (data.length === count * dim) return
  throw new RangeError(
    `Cannot ${what} as ${name} must have count * dim = ${count * dim} values: current value is ${data.length}`,
  )
}

/**
 * Checks two sides that are to be compared.
 *
 * @param what - The call, for the message.
 * @param corpus - The other.
 * @throws {TypeError} If one is no rows of float32.
 * @throws {RangeError} If they cannot be compared.
 */
export function checkSides(what: string, queries: FloatRows, corpus: FloatRows): void {
  checkRows(what, 'queryEmbeddings', queries)
  checkRows(what, 'corpusEmbeddings', corpus)
  // Nothing has no length.
  if (queries.count === 0 || corpus.count === 0 || queries.dim === corpus.dim) return
  throw new RangeError(
    `Cannot ${what} as both sides must have equal dims: current values are ${queries.dim} and ${corpus.dim}`,
  )
}
