/** Steps that people can read, times a power of ten. */
const STEPS = [1, 2, 5, 10]

/** An axis of numbers. */
export interface ChartScale {
  readonly low: number
  readonly high: number
  /** Where lines are drawn, the lowest first. */
  readonly ticks: readonly number[]
  /** Decimals that tell the lines apart. */
  readonly digits: number
}

/**
 * Chooses the ends and lines of an axis.
 *
 * @param values - What is drawn; those that are no numbers are left out.
 * @param most - Most spaces between lines.
 * @returns An axis on which all values lie.
 */
export function chartScale(values: readonly number[], most: number): ChartScale {
  const finite = values.filter(Number.isFinite)
  const least = Math.min(...finite, finite.length === 0 ? 0 : Infinity)
  const largest = Math.max(...finite, finite.length === 0 ? 1 : -Infinity)
  const rough = Math.max(largest - least, 0.01) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = (STEPS.find((factor) => factor * power >= rough) ?? 10) * power
  const first = Math.floor(least / step)
  const last = Math.max(Math.ceil(largest / step), first + 1)
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
  return { low: first * step, high: last * step, ticks, digits: Math.max(2, -Math.floor(Math.log10(step))) }
}
