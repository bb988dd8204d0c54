/**
 * Writes a number with a fixed number of decimals, for people: what rounds to zero has no sign, and what is no number is a dash.
 *
 * @param value - Any number.
 * @returns Such as `-0.25`.
 */
export function fixedNumber(value: number, digits: number): string {
  if (Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞'
  const text = value.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text
}
