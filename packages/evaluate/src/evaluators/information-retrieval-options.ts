import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { checkList } from '../run/check-lists.js'
import { SIMILARITY_FUNCTIONS, type SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { toIdMap, toTextMap, type ById } from './id-map.js'
import {
  resolveSharedOptions,
  resolveSimilarityFnNames,
  type ResolvedSharedOptions,
  type SharedOptions,
} from './shared-options.js'

/** Chooses how `InformationRetrievalEvaluator` works. */
export interface InformationRetrievalOptions extends SharedOptions {
  /** Queries by id. One without relevant documents is left out, as in Python. */
  readonly queries: ById<string>
  /** Documents by id. */
  readonly corpus: ById<string>
  /** For each query's id the ids of the documents that should be found. One that is not in the corpus counts as not found. */
  readonly relevantDocs: ById<Iterable<string>>
  /**
   * Documents that are encoded and compared at once. Less memory with fewer; the metrics stay.
   *
   * @defaultValue 50000
   */
  readonly corpusChunkSize?: number | undefined
  /** @defaultValue [10] */
  readonly mrrAtK?: readonly number[] | undefined
  /** @defaultValue [10] */
  readonly ndcgAtK?: readonly number[] | undefined
  /** @defaultValue [1, 3, 5, 10] */
  readonly accuracyAtK?: readonly number[] | undefined
  /** @defaultValue [1, 3, 5, 10] */
  readonly precisionRecallAtK?: readonly number[] | undefined
  /** @defaultValue [100] */
  readonly mapAtK?: readonly number[] | undefined
  /**
   * What to compare with. Python has functions here; these are their names.
   *
   * @defaultValue the embedder's own function
   */
  readonly scoreFunctions?: readonly SimilarityFunction[] | undefined
  /**
   * The function whose NDCG is the primary metric.
   *
   * @defaultValue the one with the best
   */
  readonly mainScoreFunction?: SimilarityFunction | undefined
  /** Put in front of each query. */
  readonly queryPrompt?: string | undefined
  /**
   * Name of the model's prompt for queries.
   *
   * @defaultValue what `encodeQuery` takes
   */
  readonly queryPromptName?: string | undefined
  /** Put in front of each document. */
  readonly corpusPrompt?: string | undefined
  /**
   * Name of the model's prompt for documents.
   *
   * @defaultValue what `encodeDocument` takes
   */
  readonly corpusPromptName?: string | undefined
}

/** The cut-offs of each metric. */
export interface CutOffs {
  readonly accuracy: readonly number[]
  readonly precisionRecall: readonly number[]
  readonly mrr: readonly number[]
  readonly ndcg: readonly number[]
  readonly map: readonly number[]
}

/** {@link InformationRetrievalOptions} with every default filled in. */
export interface ResolvedRetrievalOptions {
  readonly shared: ResolvedSharedOptions
  /** Those that have relevant documents. */
  readonly queries: ReadonlyMap<string, string>
  readonly corpus: ReadonlyMap<string, string>
  readonly relevantDocs: ReadonlyMap<string, ReadonlySet<string>>
  readonly corpusChunkSize: number
  readonly at: CutOffs
  readonly scoreFunctions: readonly SimilarityFunction[] | undefined
  readonly mainScoreFunction: SimilarityFunction | undefined
  readonly queryPrompts: { readonly prompt?: string; readonly promptName?: string }
  readonly corpusPrompts: { readonly prompt?: string; readonly promptName?: string }
}

const WHAT = 'make an InformationRetrievalEvaluator'

const KNOWN_KEYS: KnownKeys<InformationRetrievalOptions> = {
  queries: true,
  corpus: true,
  relevantDocs: true,
  name: true,
  truncateDim: true,
  corpusChunkSize: true,
  mrrAtK: true,
  ndcgAtK: true,
  accuracyAtK: true,
  precisionRecallAtK: true,
  mapAtK: true,
  scoreFunctions: true,
  mainScoreFunction: true,
  queryPrompt: true,
  queryPromptName: true,
  corpusPrompt: true,
  corpusPromptName: true,
}

/**
 * Checks options and fills in defaults, those of Python.
 *
 * @param options - What the caller gave.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If corpus or queries are empty, no query has a relevant document, or a number is not a positive integer.
 */
export function resolveRetrievalOptions(options: InformationRetrievalOptions): ResolvedRetrievalOptions {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const relevantDocs = readRelevantDocs(options.relevantDocs)
  const all = toTextMap(WHAT, 'queries', options.queries)
  const queries = new Map([...all].filter(([id]) => (relevantDocs.get(id)?.size ?? 0) > 0))
  if (queries.size === 0) {
    throw new RangeError(`Cannot ${WHAT} as a query must have relevantDocs: current number of such queries is 0`)
  }
  return {
    shared: resolveSharedOptions(WHAT, options),
    queries,
    corpus: toTextMap(WHAT, 'corpus', options.corpus),
    relevantDocs,
    corpusChunkSize: checkPositiveInteger(WHAT, 'corpusChunkSize', options.corpusChunkSize) ?? 50_000,
    at: {
      accuracy: readCutOffs('accuracyAtK', options.accuracyAtK, [1, 3, 5, 10]),
      precisionRecall: readCutOffs('precisionRecallAtK', options.precisionRecallAtK, [1, 3, 5, 10]),
      mrr: readCutOffs('mrrAtK', options.mrrAtK, [10]),
      ndcg: readCutOffs('ndcgAtK', options.ndcgAtK, [10]),
      map: readCutOffs('mapAtK', options.mapAtK, [100]),
    },
    scoreFunctions: resolveSimilarityFnNames(WHAT, 'scoreFunctions', options.scoreFunctions),
    mainScoreFunction: checkOneOf(WHAT, 'mainScoreFunction', options.mainScoreFunction, SIMILARITY_FUNCTIONS),
    queryPrompts: readPrompts('query', options.queryPrompt, options.queryPromptName),
    corpusPrompts: readPrompts('corpus', options.corpusPrompt, options.corpusPromptName),
  }
}

function readRelevantDocs(
  relevantDocs: InformationRetrievalOptions['relevantDocs'],
): ReadonlyMap<string, ReadonlySet<string>> {
  const sets = [...toIdMap(WHAT, 'relevantDocs', relevantDocs)].map(([query, ids]) => {
    const given: unknown = ids
    if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) {
      throw new TypeError(
        `Cannot ${WHAT} as relevantDocs must hold lists or sets: current value of ${show(query)} is ${show(ids)}`,
      )
    }
    const relevant = new Set<unknown>(ids)
    // A number never equals the id of a document, and every metric would be 0.
    const wrong = [...relevant].find((id) => typeof id !== 'string')
    if (wrong !== undefined) {
      throw new TypeError(
        `Cannot ${WHAT} as relevantDocs must hold ids, which are strings: current value in that of ${show(query)} is ${show(wrong)}`,
      )
    }
    return [query, relevant as ReadonlySet<string>] as const
  })
  return new Map(sets)
}

function readCutOffs(
  name: string,
  values: readonly number[] | undefined,
  defaults: readonly number[],
): readonly number[] {
  if (values === undefined) return defaults
  const list = checkList(WHAT, name, values, 'number')
  for (const k of list) checkPositiveInteger(WHAT, name, k)
  return list
}

function readPrompts(
  side: 'query' | 'corpus',
  prompt: string | undefined,
  promptName: string | undefined,
): { prompt?: string; promptName?: string } {
  const text = checkType(WHAT, `${side}Prompt`, prompt, 'string')
  const name = checkType(WHAT, `${side}PromptName`, promptName, 'string')
  return { ...(text === undefined ? {} : { prompt: text }), ...(name === undefined ? {} : { promptName: name }) }
}
