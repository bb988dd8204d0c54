import type { Evaluation } from '@nestling/evaluate'
import { create } from '../../dom/create.js'
import { fixedNumber } from '../../../../in-page-search/src/fixed-number.js'

/**
 * Makes a table of results: a row a dim, a column a metric.
 *
 * @param evaluations - One a dim.
 */
export function resultTable(evaluations: readonly Evaluation[]): HTMLTableElement {
  const functions = ['cosine', 'dot', 'euclidean', 'manhattan']
  const metrics = functions.map((name) => `spearman_${name}`).concat('pearson_cosine')
  const labels = [...functions.map((name) => `Spearman ${name}`), 'Pearson cosine']
  return create('table', {}, [
    create('caption', { class: 'visually-hidden' }, ['Correlation with the scores that people gave']),
    create('thead', {}, [
      create('tr', {}, [
        create('th', { scope: 'col' }, ['Dim']),
        ...labels.map((label) => create('th', { scope: 'col', class: 'number' }, [label.replace(' ', '\n')])),
      ]),
    ]),
    create(
      'tbody',
      {},
      evaluations.map((evaluation) =>
        create('tr', { 'data-dim': evaluation.truncateDim }, [
          create('th', { scope: 'row' }, [String(evaluation.truncateDim ?? '')]),
          ...metrics.map((metric) =>
            create('td', { class: 'number' }, [fixedNumber(evaluation.metrics[metric] ?? NaN, 4)]),
          ),
        ]),
      ),
    ),
  ])
}
