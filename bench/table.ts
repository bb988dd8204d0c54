import type { Spread } from './measure/statistics.js'

/** Lines of text in columns. */
export interface Table {
  readonly head: readonly string[]
  readonly lines: readonly (readonly string[])[]
}

/**
 * Writes a table for people.
 *
 * @param table - Head and lines.
 * @returns Lines of equal columns.
 */
export function formatTable({ head, lines }: Table): string {
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => (line[column] ?? '').length)))
  const format = (line: readonly string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [head, ...lines].map(format).join('\n')
}

/**
 * Writes a ratio.
 *
 * @param spread - Ratios of rounds; `undefined` where there is nothing to compare with.
 * @returns Median and extremes.
 */
export function ratioText(spread: Spread | undefined): string {
  if (spread === undefined || Number.isNaN(spread.p50)) return '-'
  const text = spread.p50.toFixed(2)
  return spread.lowest === spread.highest ? text : `${text} (${spread.lowest.toFixed(2)}-${spread.highest.toFixed(2)})`
}

/**
 * Writes a number.
 *
 * @param digits - Digits after the point.
 * @returns The number; a dash where it was not measured.
 */
export function numberText(value: number, digits = 0): string {
  return Number.isNaN(value) ? '-' : value.toFixed(digits)
}
