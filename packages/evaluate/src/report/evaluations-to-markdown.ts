import type { Evaluation } from '../evaluators/evaluator.js'
import { metricGroups, shortMetrics, type MetricGroup } from './metric-groups.js'

/** As model cards have them. */
const DIGITS = 4

/**
 * Writes evaluations as Markdown: a table an evaluator, a line a metric, a column a dim, as model cards of Matryoshka models have it.
 *
 * @param evaluations - What `evaluate` or `matryoshkaTable` gave.
 * @returns Tables under headings, numbers with four digits; the primary metric is bold.
 */
export function evaluationsToMarkdown(evaluations: Evaluation | readonly Evaluation[]): string {
  return metricGroups([evaluations].flat()).map(tableOf).join('\n')
}

function tableOf({ evaluator, name, metrics, evaluations }: MetricGroup): string {
  const title = name === '' ? evaluator : `${evaluator}: ${escape(name)}`
  const dims = evaluations.map(({ truncateDim }) => (truncateDim === undefined ? 'value' : String(truncateDim)))
  const columns = evaluations.map((evaluation) => ({ values: shortMetrics(evaluation), evaluation }))
  const lines = metrics.map((metric) => {
    const cells = columns.map(({ values, evaluation }) => {
      const value = values[metric]
      if (value === undefined) return ''
      const text = value.toFixed(DIGITS)
      return isPrimary(evaluation, metric) ? `**${text}**` : text
    })
    return row([metric, ...cells])
  })
  return `## ${title}\n\n${[row(['metric', ...dims]), row(['---', ...dims.map(() => '--:')]), ...lines].join('\n')}\n`
}

function isPrimary({ name, primaryMetric }: Evaluation, metric: string): boolean {
  return primaryMetric === (name === '' ? metric : `${name}_${metric}`)
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function escape(text: string): string {
  return text.replace(/[\\|<>*_`[\]]/g, '\\$&').replace(/\s+/g, ' ')
}
