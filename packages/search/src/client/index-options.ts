import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { toPlain } from '@nestling/kit/options/to-plain'
import { isThenable } from '@nestling/kit/options/value-kinds'
import type { KeywordField } from '../wire/keyword-field.js'
import { SCORINGS, type IndexSimilarity, type Scoring } from '../wire/scoring.js'
import { INDEX_PRECISIONS, type IndexPrecision, type OpenRequest } from '../wire/protocol.js'
import type { SearchEmbedder } from './search-embedder.js'

/** Options of {@link createIndex}. */
export interface CreateIndexOptions {
  /**
   * Encodes documents and queries; as a promise, such as that of `load`, it may come later, and words are searched meanwhile. Without one,
   * documents and queries bring their vectors. It stays yours: dispose of it yourself.
   */
  readonly embedder?: SearchEmbedder | PromiseLike<SearchEmbedder> | undefined
  /**
   * Components of a vector that are kept, at most those that the embedder gives; it truncates to them.
   *
   * @defaultValue that of the stored index, else of the first vectors
   */
  readonly dim?: number | undefined
  /**
   * Type of the rows that are kept: `float32`, or levels of 8, 4, 2 or 1 bits a component (`int8`, `int4`, `int2`, `binary`). Queries keep
   * their floats. Fewer bits lose less than fewer dims.
   *
   * @defaultValue that of the stored index, else 'float32'
   */
  readonly precision?: IndexPrecision | undefined
  /**
   * What vectors are compared by. A model whose own function is `dot` gets that; distances order unit vectors as cosine does.
   *
   * @defaultValue 'cosine'
   */
  readonly similarity?: IndexSimilarity | undefined
  /**
   * How searches score where they do not say. `exact` compares with all rows; `int8`, `binary` and `funnel` (the first 64 components, then
   * more, then all) find a shortlist and score it again. `int8` keeps int8 rows beside float32 ones, `binary` rows of 1 bit beside finer
   * ones. `auto` is `exact` up to 10,000 rows and for rows of 1 or 2 bits, then `funnel` for a model with nested dims, else `binary`.
   *
   * @defaultValue 'auto'
   */
  readonly scoring?: Scoring | 'auto' | undefined
  /**
   * Name of the index in IndexedDB, where it is kept between visits and shared by all tabs.
   *
   * @defaultValue none: the index is in memory alone
   */
  readonly store?: string | undefined
  /**
   * Dims whose components are a good vector alone, for `auto`.
   *
   * @defaultValue those of the embedder
   */
  readonly nestedDims?: readonly number[] | undefined
  /**
   * Members of the metadata that searches by words look into, texts or lists of texts, and how much each counts; `text` gives the text of
   * documents another boost than 1. At most 15.
   *
   * @defaultValue the text alone
   */
  readonly fields?: Readonly<Record<string, KeywordField>> | undefined
  /**
   * Most tokens of a passage.
   *
   * @defaultValue 200, or what the model reads where that is less
   */
  readonly maxTokens?: number | undefined
  /**
   * Most tokens that a passage repeats of the one before.
   *
   * @defaultValue 0
   */
  readonly overlapTokens?: number | undefined
  /**
   * Members of the metadata, strings or lists of strings, that are put in front of each passage when it is encoded, each on a line of its own. They
   * take at most a third of a passage, and are cut beyond it. `[]` puts nothing there. What is found and shown is the text alone.
   *
   * @defaultValue ['title', 'headings']
   */
  readonly context?: readonly string[] | undefined
  /** Where `search-worker.js` is, or a function that starts it. By default beside this module. */
  readonly worker?: string | URL | (() => Worker) | undefined
}

const KNOWN_KEYS: KnownKeys<CreateIndexOptions> = {
  embedder: true,
  dim: true,
  precision: true,
  similarity: true,
  scoring: true,
  store: true,
  nestedDims: true,
  fields: true,
  maxTokens: true,
  overlapTokens: true,
  context: true,
  worker: true,
}

const WHAT = 'make an index'

/** Longest vector: the int16 of a query would become too coarse. */
const MAX_DIM = 8192

/** Components of the first stage of the funnel. */
const FUNNEL_DIM = 64

const DEFAULT_CONTEXT = ['title', 'headings']

/** {@link CreateIndexOptions}, checked. */
export interface ResolvedIndexOptions {
  readonly embedder: CreateIndexOptions['embedder']
  /** Without what only an embedder says that is not there yet. */
  readonly request: OpenRequest
  readonly nestedDims: readonly number[] | undefined
  readonly maxTokens: number | undefined
  readonly overlapTokens: number | undefined
  readonly context: readonly string[]
  readonly worker: CreateIndexOptions['worker']
}

/**
 * Checks options and fills in defaults.
 *
 * @param options - What the caller gave.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If an option does not exist or has the wrong type.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveIndexOptions(options: CreateIndexOptions): ResolvedIndexOptions {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const { embedder, overlapTokens, nestedDims } = options
  const dim = checkPositiveInteger(WHAT, 'dim', options.dim)
  if (dim !== undefined && dim > MAX_DIM) {
    throw new RangeError(`Cannot ${WHAT} as dim must be at most ${MAX_DIM}: current value is ${dim}`)
  }
  const store = checkType(WHAT, 'store', options.store, 'string')
  if (store === '') throw new RangeError(`Cannot ${WHAT} as store must be a name: current value is ${show(store)}`)
  const resolved: ResolvedIndexOptions = {
    embedder,
    nestedDims,
    maxTokens: checkPositiveInteger(WHAT, 'maxTokens', options.maxTokens),
    overlapTokens: overlapTokens === 0 ? 0 : checkPositiveInteger(WHAT, 'overlapTokens', overlapTokens),
    context: readContext(options.context) ?? DEFAULT_CONTEXT,
    worker: options.worker,
    request: {
      store,
      dim,
      // The worker checks them.
      fields: toPlain(WHAT, 'fields', options.fields),
      precision: checkOneOf(WHAT, 'precision', options.precision, INDEX_PRECISIONS),
      similarity: checkOneOf(WHAT, 'similarity', options.similarity, ['cosine', 'dot']),
      scoring: checkOneOf(WHAT, 'scoring', options.scoring, ['auto', ...SCORINGS]) ?? 'auto',
      isNested: isNested(nestedDims),
    },
  }
  return embedder === undefined || isThenable(embedder)
    ? resolved
    : { ...resolved, request: requestWith(resolved, embedder) }
}

/**
 * Adds what an embedder says.
 *
 * @param embedder - The one of these options.
 * @returns What the index is made with.
 * @throws {TypeError} If it is no embedder.
 * @throws {RangeError} If it gives fewer components than are to be kept.
 */
export function requestWith({ request, nestedDims }: ResolvedIndexOptions, embedder: SearchEmbedder): OpenRequest {
  const given: unknown = embedder
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(
      `Cannot ${WHAT} as embedder must be an embedder or a promise of one: current value is ${show(given)}`,
    )
  }
  const { dim } = request
  const { dim: ownDim = Infinity, similarityFunction, space } = embedder
  if (dim !== undefined && dim > ownDim) {
    throw new RangeError(
      `Cannot ${WHAT} as dim must be at most that of the embedder, ${ownDim}: current value is ${dim}\nLeave it out to keep all`,
    )
  }
  return {
    ...request,
    similarity: request.similarity ?? (similarityFunction === 'dot' ? 'dot' : undefined),
    isNested: isNested(nestedDims ?? embedder.nestedDims),
    // Plain, as an embedder may lie in a reactive proxy.
    space: space === undefined ? undefined : { id: space.id, model: space.model },
  }
}

function readContext(context: unknown): readonly string[] | undefined {
  if (context === undefined) return undefined
  if (Array.isArray(context) && context.every((name) => typeof name === 'string')) return [...context]
  throw new TypeError(
    `Cannot ${WHAT} as context must be a list of names of metadata: current value is ${show(context)}\nUse [] to encode texts alone`,
  )
}

function isNested(dims: readonly number[] | undefined): boolean {
  return dims?.some((dim) => dim <= FUNNEL_DIM) ?? false
}
