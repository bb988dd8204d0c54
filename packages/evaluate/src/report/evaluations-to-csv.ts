import type { Evaluation } from '../evaluators/evaluator.js'
import { metricGroups, shortMetrics } from './metric-groups.js'

/**
 * Writes evaluations as CSV: a line each, with all digits. Several evaluators share the columns.
 *
 * @param evaluations - What `evaluate` or `matryoshkaTable` gave.
 * @returns Lines with the columns `evaluator`, `name`, `truncateDim` and the metrics without the evaluator's name.
 * @see {@link https://www.rfc-editor.org/rfc/rfc4180 | RFC 4180}
 */
export function evaluationsToCsv(evaluations: Evaluation | readonly Evaluation[]): string {
  const list = [evaluations].flat()
  const metrics = [...new Set(metricGroups(list).flatMap((group) => group.metrics))]
  const lines = list.map((evaluation) => {
    const values = shortMetrics(evaluation)
    return [evaluation.evaluator, evaluation.name, evaluation.truncateDim, ...metrics.map((metric) => values[metric])]
  })
  return [['evaluator', 'name', 'truncateDim', ...metrics], ...lines]
    .map((cells) => `${cells.map((cell) => quote(String(cell ?? ''))).join(',')}\n`)
    .join('')
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
