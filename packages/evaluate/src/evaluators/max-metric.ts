/**
 * Gives the largest number, as Python's `max` does: NaN is only found where it stands first.
 *
 * @returns The largest; NaN where there are none.
 */
export function maxMetric(values: readonly number[]): number {
  return values.reduce((best, value) => (value > best ? value : best), values[0] ?? NaN)
}
