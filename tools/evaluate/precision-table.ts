import type { MetricTable } from './expected.js'

/**
 * Makes a table of what indexes of each precision find, and in how many bytes.
 *
 * @param actual - Metrics by dim, those of an index with its precision before their names.
 * @param metric - The metric to show.
 * @returns Markdown: a row a precision, a column a dim.
 */
export function precisionTable(actual: MetricTable, metric: string): string {
  const dims = Object.keys(actual).sort((a, b) => Number(b) - Number(a))
  const names = Object.keys(actual[dims[0] ?? ''] ?? {}).flatMap((name) => /^(\w+)_bytes$/.exec(name)?.[1] ?? [])
  const lines = names.map((name) => {
    const cells = dims.map((dim) => {
      const { [`${name}_${metric}`]: value = NaN, [`${name}_bytes`]: bytes = NaN } = actual[dim] ?? {}
      return `${value.toFixed(4)} in ${bytes} B`
    })
    return `| ${[name, ...cells].join(' | ')} |`
  })
  return [`| ${[metric, ...dims].join(' | ')} |`, `|${' --- |'.repeat(dims.length + 1)}`, ...lines].join('\n')
}
