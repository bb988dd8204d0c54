/** A quantity over the rounds of a run. */
export interface Spread {
  readonly p50: number
  readonly p95: number
  readonly lowest: number
  readonly highest: number
}

/**
 * Summarises measurements.
 *
 * @param values - One a round.
 * @returns Median, 95th percentile and extremes; `NaN` each where there is no value.
 */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
  const middle = (sorted.length - 1) / 2
  const p50 = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
  return { p50, p95: at(0.95), lowest: sorted[0] ?? NaN, highest: sorted.at(-1) ?? NaN }
}

/**
 * Divides measurements of the same rounds by each other: what else the machine does falls on both.
 *
 * @param bases - What they are divided by; where one of the two had fewer rounds, the others are left out.
 * @returns How many times as large the values are.
 */
export function ratioOf(values: readonly number[], bases: readonly number[]): Spread {
  const rounds = Math.min(values.length, bases.length)
  return spreadOf(values.slice(0, rounds).map((value, round) => value / (bases[round] ?? NaN)))
}
