import { callListener } from '@nestling/kit/calls/call-listener'
import {
  checkKeys,
  checkPositiveInteger,
  checkSignal,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { checkList } from '../run/check-lists.js'
import type { EvaluableEmbedder } from '../run/evaluable-embedder.js'
import { SIMILARITY_FUNCTIONS } from '@nestling/kit/math/similarity-function'
import { CuttingEmbedder } from './cutting-embedder.js'
import type { Evaluation, EvaluateOptions, Evaluator } from './evaluator.js'

/** Options of {@link matryoshkaTable}. */
export interface MatryoshkaTableOptions extends Omit<EvaluateOptions, 'truncateDim'> {
  /** Dims to evaluate, in the order of the table. One beyond the vectors' length keeps all, as in Python. */
  readonly dims: Iterable<number>
}

const WHAT = 'make a matryoshkaTable'

const KNOWN_KEYS: KnownKeys<MatryoshkaTableOptions> = {
  dims: true,
  batchSize: true,
  similarityFnNames: true,
  onProgress: true,
  signal: true,
}

/** Share of the first dim: the texts are encoded for it, and cut for the others. */
const FIRST_SHARE = 0.9

/**
 * Evaluates at every dim with every similarity function, and encodes the texts once. Where the evaluator quantizes they are encoded for
 * each dim, as quantizing comes after the cut.
 *
 * @param evaluator - An evaluator; its own `truncateDim` does not count here.
 * @param embedder - What to evaluate.
 * @param options - Dims, and options of `evaluate`. All four similarity functions are taken where neither they nor the evaluator name any.
 * @returns One evaluation a dim.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If there are no dims or one is not a positive integer.
 * @throws {EmbedderError} What `encode` throws. On an abort, the signal's reason.
 * @see {@link https://arxiv.org/abs/2205.13147 | Matryoshka Representation Learning}
 */
export async function matryoshkaTable(
  evaluator: Evaluator,
  embedder: EvaluableEmbedder,
  options: MatryoshkaTableOptions,
): Promise<readonly Evaluation[]> {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const { dims, onProgress, similarityFnNames = SIMILARITY_FUNCTIONS, ...rest } = options
  const list = checkList(WHAT, 'dims', dims, 'number')
  for (const dim of list) checkPositiveInteger(WHAT, 'dims', dim)
  checkType(WHAT, 'onProgress', onProgress, 'function')
  checkSignal(WHAT, rest.signal)
  const isCut = evaluator.cutsAfterEncoding
  const source = isCut ? new CuttingEmbedder(embedder, Math.max(...list)) : embedder
  const firstShare = isCut && list.length > 1 ? FIRST_SHARE : 1 / list.length
  const otherShare = (1 - firstShare) / Math.max(list.length - 1, 1)
  const evaluations: Evaluation[] = []
  for (const [index, truncateDim] of list.entries()) {
    const [start, share] = index === 0 ? [0, firstShare] : [firstShare + (index - 1) * otherShare, otherShare]
    const evaluation = await evaluator.evaluate(source, {
      ...rest,
      similarityFnNames,
      truncateDim,
      onProgress: ({ phase, fraction }) => {
        // The last sum may end beside 1 by a rounding.
        const isEnd = index === list.length - 1 && fraction === 1
        callListener(onProgress, { phase, fraction: isEnd ? 1 : Math.min(start + share * fraction, 1) })
      },
    })
    evaluations.push(evaluation)
  }
  return evaluations
}
