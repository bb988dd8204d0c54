import { goldenEvaluators } from '@nestling/testing/evaluators'
import { GoldenEmbedder } from '@nestling/testing/golden-embedder'
import { progressFaults, watchProgress, type WatchedCall } from '@nestling/testing/progress-contract'
import { describe, expect, it } from 'vitest'
import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import type { EvaluationProgress } from '../run/progress-meter.js'
import { BinaryClassificationEvaluator } from './binary-classification-evaluator.js'
import { EmbeddingSimilarityEvaluator } from './embedding-similarity-evaluator.js'
import type { EvaluateOptions } from './evaluator.js'
import { InformationRetrievalEvaluator } from './information-retrieval-evaluator.js'
import { matryoshkaTable } from './matryoshka-table.js'
import { ParaphraseMiningEvaluator } from './paraphrase-mining-evaluator.js'
import { TripletEvaluator } from './triplet-evaluator.js'

const { sentences1, sentences2, scores } = goldenEvaluators.EmbeddingSimilarityEvaluator
const { labels } = goldenEvaluators.BinaryClassificationEvaluator
const { anchors, positives, negatives } = goldenEvaluators.TripletEvaluator
const { queries, corpus, relevant } = goldenEvaluators.InformationRetrievalEvaluator
const { sentences, duplicates } = goldenEvaluators.ParaphraseMiningEvaluator

const EVALUATORS = [
  new EmbeddingSimilarityEvaluator({ sentences1, sentences2, scores }),
  new BinaryClassificationEvaluator({ sentences1, sentences2, labels }),
  new TripletEvaluator({ anchors, positives, negatives }),
  new InformationRetrievalEvaluator({ queries, corpus, relevantDocs: relevant, corpusChunkSize: 7 }),
  new ParaphraseMiningEvaluator({ sentencesMap: sentences, duplicatesList: duplicates }),
]

type Evaluate = (embedder: EvaluableEmbedder, options: EvaluateOptions) => Promise<unknown>

const CALLS: readonly (readonly [string, Evaluate])[] = [
  ...EVALUATORS.map((evaluator) => {
    return [evaluator.constructor.name, (embedder, options) => evaluator.evaluate(embedder, options)] as [
      string,
      Evaluate,
    ]
  }),
  ...[[16], [16, 8, 4], [8, 8]].map((dims): [string, Evaluate] => [
    `matryoshkaTable with ${dims.join(', ')}`,
    (embedder, options) =>
      matryoshkaTable(EVALUATORS[0] as (typeof EVALUATORS)[number], embedder, { ...options, dims }),
  ]),
]

/** Reports what it likes, and goes on when its call has ended. */
class LooseEmbedder implements EvaluableEmbedder {
  readonly #inner = new GoldenEmbedder()
  readonly #isFailing: boolean

  constructor(isFailing: boolean) {
    this.#isFailing = isFailing
  }

  readonly encode: EvaluableEmbedder['encode'] = async (texts, options) => {
    for (const fraction of [NaN, -1, 0.5, 0.2, 7]) options.onProgress?.({ phase: 'encode', fraction })
    setTimeout(() => options.onProgress?.({ phase: 'encode', fraction: 1 }), 50)
    if (this.#isFailing) throw new Error('lost')
    return this.#inner.encode(texts, options)
  }
}

describe.each(CALLS)('the progress of %s', (_, evaluate) => {
  const watch = (embedder: EvaluableEmbedder): Promise<WatchedCall<EvaluationProgress>> =>
    watchProgress<EvaluationProgress>((onProgress) => evaluate(embedder, { onProgress }))

  it('ends at 1', async () => {
    const call = await watch(new GoldenEmbedder())
    expect(call.outcome).toBe('done')
    expect(progressFaults(call)).toEqual([])
  })

  it('is right whatever an embedder reports, and nothing comes after its end', async () => {
    const call = await watch(new LooseEmbedder(false))
    expect(call.outcome).toBe('done')
    expect(progressFaults(call)).toEqual([])
    const failed = await watch(new LooseEmbedder(true))
    expect(failed).toMatchObject({ outcome: 'failed', value: { message: 'lost' } })
    expect(progressFaults(failed)).toEqual([])
  })

  it.each(['encode', 'score'] as const)('ends with an abort in the phase %s', async (phase) => {
    const controller = new AbortController()
    const call = await watchProgress<EvaluationProgress>((onProgress) =>
      evaluate(new GoldenEmbedder(), {
        signal: controller.signal,
        onProgress: (event) => {
          onProgress(event)
          if (event.phase === phase) controller.abort('enough')
        },
      }),
    )
    expect(call).toMatchObject({ outcome: 'failed', value: 'enough' })
    expect(progressFaults(call)).toEqual([])
  })
})
