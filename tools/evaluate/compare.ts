import type { MetricTable } from './expected.js'

/** How much a number may be off: everywhere, and at some dims. */
export interface Tolerance {
  readonly all: number
  readonly byDim: Readonly<Record<string, number>>
}

/** What a comparison found. */
export interface Comparison {
  /** Numbers that were compared. */
  readonly count: number
  /** The largest difference and where it is. */
  readonly largest: { readonly difference: number; readonly where: string }
  /** A line for each number that is off. */
  readonly failures: readonly string[]
}

/**
 * Reads `0.002` or `0.002,16=0.004`.
 *
 * @param text - A number, and numbers for dims.
 * @throws {Error} If it is something else.
 */
export function parseTolerance(text: string): Tolerance {
  const [first = '', ...others] = text.split(',')
  return { all: parseNumber('--within', first), byDim: parseByDim('--within', others.join(',')) }
}

/**
 * Reads `256=0.8436,128=0.84`.
 *
 * @param option - Name of the option, for the message.
 * @param text - Numbers by dim.
 * @returns The numbers.
 * @throws {Error} If it is something else.
 */
export function parseByDim(option: string, text: string): Record<string, number> {
  const parts = text.split(',').filter((part) => part !== '')
  const entries = parts.map((part) => {
    const [dim = '', value = ''] = part.split('=')
    if (!/^\d+$/.test(dim)) throw new Error(`${option} must be like 256=0.8436: current value is ${part}`)
    return [dim, parseNumber(option, value)] as const
  })
  return Object.fromEntries(entries)
}

function parseNumber(option: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new Error(`${option} must be a number from 0: current value is ${text}`)
}

/**
 * Compares numbers with expected ones.
 *
 * @param actual - The numbers. A metric of retrieval may have the similarity function in front.
 * @param expected - Those that there should be; each must be there.
 * @param tolerance - How much one may be off.
 * @param metrics - The metrics that count; all by default.
 * @returns What was found.
 */
export function compareMetrics(
  actual: MetricTable,
  expected: MetricTable,
  tolerance: Tolerance,
  metrics?: readonly string[],
): Comparison {
  const failures: string[] = []
  let count = 0
  let largest = { difference: 0, where: 'nowhere' }
  for (const [dim, values] of Object.entries(expected)) {
    const within = tolerance.byDim[dim] ?? tolerance.all
    for (const [metric, value] of Object.entries(values)) {
      if (metrics !== undefined && !metrics.includes(metric)) continue
      count++
      const where = `dim ${dim} ${metric}`
      const found = findMetric(actual[dim], metric)
      const difference = Math.abs((found ?? NaN) - value)
      // NaN is off, too.
      if (!(difference <= within)) failures.push(`${where}: ${String(found)}, expected ${value} within ${within}`)
      if (difference > largest.difference) largest = { difference, where }
    }
  }
  if (count === 0) failures.push('no number was compared')
  return { count, largest, failures }
}

/**
 * Checks that a metric is above a bound.
 *
 * @param actual - The numbers.
 * @param bounds - Bounds by dim.
 * @returns A line for each that is not.
 */
export function checkAbove(actual: MetricTable, metric: string, bounds: Readonly<Record<string, number>>): string[] {
  return Object.entries(bounds).flatMap(([dim, bound]) => {
    const found = findMetric(actual[dim], metric)
    return found !== undefined && found > bound
      ? []
      : [`dim ${dim} ${metric}: ${String(found)}, must be above ${bound}`]
  })
}

/**
 * Compares hybrid search with vectors alone.
 *
 * @param actual - The numbers, with those of words, of both by scores (`hybrid`) and of both by ranks.
 * @returns A line for each dim, and one for each where hybrid search is not above.
 */
export function compareHybrid(actual: MetricTable, metric: string): { lines: string[]; failures: string[] } {
  const lines: string[] = []
  const failures: string[] = []
  // Keys of that kind come in the order of numbers.
  for (const [dim, metrics] of Object.entries(actual).reverse()) {
    const numberOf = (name: string): number => findMetric(metrics, name) ?? NaN
    const [hybrid, vectors] = [numberOf(`hybrid_${metric}`), numberOf(metric)]
    const [ranks, keywords] = [numberOf(`ranks_${metric}`), numberOf(`keywords_${metric}`)]
    const numbers = `hybrid ${hybrid.toFixed(4)}, by ranks ${ranks.toFixed(4)}, vectors ${vectors.toFixed(4)}, keywords ${keywords.toFixed(4)}`
    lines.push(`dim ${dim} ${metric}: ${numbers}`)
    if (!(hybrid > vectors)) failures.push(`dim ${dim} ${metric}: hybrid must be above vectors alone: ${numbers}`)
  }
  return { lines, failures }
}

function findMetric(metrics: MetricTable[string] | undefined, metric: string): number | undefined {
  const key = Object.keys(metrics ?? {}).find((name) => name === metric || name.endsWith(`_${metric}`))
  return key === undefined ? undefined : metrics?.[key]
}
