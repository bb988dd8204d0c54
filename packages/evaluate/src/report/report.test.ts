import { expect, it } from 'vitest'
import type { Evaluation } from '../evaluators/evaluator.js'
import { evaluationsToCsv } from './evaluations-to-csv.js'
import { evaluationsToJson } from './evaluations-to-json.js'
import { evaluationsToMarkdown } from './evaluations-to-markdown.js'

const STS: Evaluation = {
  evaluator: 'EmbeddingSimilarityEvaluator',
  name: 'sts-dev',
  truncateDim: 384,
  primaryMetric: 'sts-dev_spearman_cosine',
  metrics: { 'sts-dev_pearson_cosine': 0.869619, 'sts-dev_spearman_cosine': 0.86716324 },
}

const SHORT: Evaluation = {
  ...STS,
  truncateDim: 16,
  metrics: { 'sts-dev_pearson_cosine': NaN, 'sts-dev_spearman_cosine': 0.78 },
}

const OTHER: Evaluation = {
  evaluator: 'TripletEvaluator',
  name: '',
  truncateDim: undefined,
  primaryMetric: 'cosine_accuracy',
  metrics: { cosine_accuracy: 1 },
}

it('evaluationsToMarkdown() has a table an evaluator and a column a dim, the primary metric bold', () => {
  expect(evaluationsToMarkdown([STS, SHORT, OTHER])).toBe(`## EmbeddingSimilarityEvaluator: sts-dev

| metric | 384 | 16 |
| --- | --: | --: |
| pearson_cosine | 0.8696 | NaN |
| spearman_cosine | **0.8672** | **0.7800** |

## TripletEvaluator

| metric | value |
| --- | --: |
| cosine_accuracy | **1.0000** |
`)
})

it('evaluationsToMarkdown() lets no name break the table', () => {
  expect(evaluationsToMarkdown({ ...OTHER, name: 'a|b\n# <c>', metrics: {} })).toMatch(
    /^## TripletEvaluator: a\\\|b # \\<c\\>\n/,
  )
})

it('evaluationsToCsv() has a line an evaluation, with all digits', () => {
  expect(evaluationsToCsv([STS, SHORT, OTHER])).toBe(
    [
      'evaluator,name,truncateDim,pearson_cosine,spearman_cosine,cosine_accuracy',
      'EmbeddingSimilarityEvaluator,sts-dev,384,0.869619,0.86716324,',
      'EmbeddingSimilarityEvaluator,sts-dev,16,NaN,0.78,',
      'TripletEvaluator,,,,,1',
      '',
    ].join('\n'),
  )
  expect(evaluationsToCsv({ ...OTHER, name: 'a "b", c', metrics: {} })).toContain('\nTripletEvaluator,"a ""b"", c",\n')
})

it('evaluationsToJson() gives the evaluations back, NaN as null', () => {
  expect(JSON.parse(evaluationsToJson(STS))).toEqual([STS])
  const [short] = JSON.parse(evaluationsToJson([SHORT])) as [Evaluation]
  expect(short.metrics['sts-dev_pearson_cosine']).toBeNull()
  expect(evaluationsToJson(STS).endsWith(']\n')).toBe(true)
})
