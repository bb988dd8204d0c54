import type { Embedder } from '../../api/embedder.js'
import { defineCommand, type Command } from '../arguments/command.js'
import { EXIT } from '../cli-error.js'
import { readRetrievalData } from '../evaluate/retrieval-data.js'
import { readSimilarityData } from '../evaluate/similarity-data.js'
import { readTextFile } from '../input/read-file.js'
import { importPackage } from '../models/import-package.js'
import { DIMS_OPTION, loadModel, MODEL_OPTIONS } from '../models/load-model.js'

/** What is used of `@nestling/evaluate`, which nestling does not depend on. */
interface EvaluatePackage {
  readonly EmbeddingSimilarityEvaluator: new (options: object) => Evaluator
  readonly InformationRetrievalEvaluator: new (options: object) => Evaluator
}

interface Evaluator {
  evaluate(embedder: Embedder, options: object): Promise<Evaluation>
}

interface Evaluation {
  readonly primaryMetric: string
  readonly metrics: Readonly<Record<string, number>>
}

const PACKAGE = '@nestling/evaluate'

/** Digits behind the point, as Python prints them. */
const METRIC_DIGITS = 4

/** Measures how good a model is. */
export const EVALUATE: Command = defineCommand({
  name: 'evaluate',
  summary: 'Measures how good a model is on your data.',
  about: [
    `Measures a model with the evaluators of sentence-transformers, whose numbers it gives. ${PACKAGE} must be installed in your project.`,
    'sts: FILE is CSV, sentence1,sentence2,score. retrieval: FILE is JSON, {"queries": {id: text}, "corpus": {id: text}, "relevant": {query: [ids]}}.',
  ],
  positionals: [
    { name: 'KIND', about: 'sts (similarity of sentences) or retrieval', choices: ['sts', 'retrieval'] },
    { name: 'FILE', about: 'the data' },
  ],
  options: {
    ...MODEL_OPTIONS,
    ...DIMS_OPTION,
    json: { type: 'boolean', about: 'Prints all metrics as JSON.' },
  },
  examples: ['npx nestling evaluate sts pairs.csv --dims 128'],
  async run([kind = '', file = ''], { dims, json, ...model }, context) {
    const isRetrieval = kind === 'retrieval'
    const text = readTextFile(file, context.cwd)
    const data = isRetrieval ? readRetrievalData(text, file) : readSimilarityData(text, file)
    const found = await importPackage(PACKAGE, { from: context.cwd, purpose: 'evaluate a model' })
    const { InformationRetrievalEvaluator, EmbeddingSimilarityEvaluator } = found as unknown as EvaluatePackage
    const evaluator = new (isRetrieval ? InformationRetrievalEvaluator : EmbeddingSimilarityEvaluator)(data)
    await using embedder = await loadModel(model, context)
    const options = { truncateDim: dims, signal: context.interruption }
    const { primaryMetric, metrics } = await evaluator.evaluate(embedder, options)
    if (json) {
      context.print(JSON.stringify({ primaryMetric, metrics, space: embedder.space }))
      return EXIT.ok
    }
    const names = Object.keys(metrics)
    const width = Math.max(...names.map((name) => name.length))
    for (const name of names) {
      const mark = name === primaryMetric ? '  (primary)' : ''
      context.print(`${name.padEnd(width)}  ${(metrics[name] ?? NaN).toFixed(METRIC_DIGITS)}${mark}`)
    }
    return EXIT.ok
  },
})
