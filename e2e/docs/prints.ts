import { printValues } from '../../tools/docs/print-value.ts'

/** A line that an example printed. */
export interface Print {
  /** The example's line with the `console.log`, from 1. */
  readonly line: number
  readonly text: string
}

/** What the page's example has printed so far. */
export const prints: Print[] = []

/**
 * Takes the place of `console.log` in an example.
 *
 * @param line - Where it stands.
 */
export function printAt(line: number): (...values: readonly unknown[]) => void {
  return (...values) => {
    prints.push({ line, text: printValues(values) })
  }
}
