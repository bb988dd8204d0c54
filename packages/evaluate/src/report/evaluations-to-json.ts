import type { Evaluation } from '../evaluators/evaluator.js'

/**
 * Writes evaluations as JSON, with all digits.
 *
 * @param evaluations - What `evaluate` or `matryoshkaTable` gave.
 * @returns An array of them, indented. NaN, which JSON has not, is `null`.
 */
export function evaluationsToJson(evaluations: Evaluation | readonly Evaluation[]): string {
  return `${JSON.stringify([evaluations].flat(), null, 2)}\n`
}
