const UNITS = ['B', 'kB', 'MB', 'GB'] as const

/**
 * Writes a number of bytes for people.
 *
 * @param bytes - How many.
 * @returns Such as `23.5 MB`; a megabyte has 1,000,000.
 */
export function bytesInWords(bytes: number): string {
  let value = bytes
  let unit = 0
  // What would be rounded to 1000 belongs to the next unit.
  while (value >= 999.5 && bytes >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(value < 100 ? 1 : 0)} ${UNITS[unit] ?? ''}`
}
