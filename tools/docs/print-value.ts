/** A float32 has no more to tell. */
const DIGITS = 6

/**
 * Writes what an example prints as the docs write it: one line, numbers with at most six digits, strings within others in quotes.
 *
 * @param values - Arguments of `console.log`.
 * @returns The line.
 */
export function printValues(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === 'string' ? value : write(value))).join(' ')
}

function write(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS)))
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`
  const { name } = value.constructor
  if (ArrayBuffer.isView(value)) return `${name} [${Array.from(value as Float32Array, write).join(', ')}]`
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${write(inner)}`)
  const written = entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
  return name === 'Object' ? written : `${name} ${written}`
}
