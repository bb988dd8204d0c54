import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { SCORINGS, type IndexSimilarity, type Scoring } from '../wire/scoring.js'
import { INDEX_PRECISIONS, type IndexPrecision, type OpenRequest } from '../wire/protocol.js'
import type { SearchEmbedder } from './search-embedder.js'

/** Options of {@link createIndex}. */
export interface CreateIndexOptions {
  /** Encodes documents and queries. Without one, documents and queries bring their vectors. It stays yours: dispose of it yourself. */
  readonly embedder?: SearchEmbedder | undefined
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
   * Most tokens of a passage.
   *
   * @defaultValue what the model reads
   */
  readonly maxTokens?: number | undefined
  /**
   * Most tokens that a passage repeats of the one before.
   *
   * @defaultValue 0
   */
  readonly overlapTokens?: number | undefined
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
  maxTokens: true,
  overlapTokens: true,
  worker: true,
}

const WHAT = 'make an index'

/** Longest vector: the int16 of a query would become too coarse. */
const MAX_DIM = 8192

/** Components of the first stage of the funnel. */
const FUNNEL_DIM = 64

/** {@link CreateIndexOptions}, checked. */
export interface ResolvedIndexOptions {
  readonly embedder: SearchEmbedder | undefined
  readonly request: OpenRequest
  readonly maxTokens: number | undefined
  readonly overlapTokens: number | undefined
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
  const { embedder, overlapTokens } = options
  const dim = checkPositiveInteger(WHAT, 'dim', options.dim)
  if (dim !== undefined && dim > MAX_DIM) {
    throw new RangeError(`Cannot ${WHAT} as dim must be at most ${MAX_DIM}: current value is ${dim}`)
  }
  const ownDim = embedder?.dim ?? Infinity
  if (dim !== undefined && dim > ownDim) {
    throw new RangeError(
      `Cannot ${WHAT} as dim must be at most that of the embedder, ${ownDim}: current value is ${dim}\nLeave it out to keep all`,
    )
  }
  const store = checkType(WHAT, 'store', options.store, 'string')
  if (store === '') throw new RangeError(`Cannot ${WHAT} as store must be a name: current value is ${show(store)}`)
  const nestedDims = options.nestedDims ?? embedder?.nestedDims
  const similarity = checkOneOf(WHAT, 'similarity', options.similarity, ['cosine', 'dot'])
  return {
    embedder,
    maxTokens: checkPositiveInteger(WHAT, 'maxTokens', options.maxTokens),
    overlapTokens: overlapTokens === 0 ? 0 : checkPositiveInteger(WHAT, 'overlapTokens', overlapTokens),
    worker: options.worker,
    request: {
      store,
      dim,
      precision: checkOneOf(WHAT, 'precision', options.precision, INDEX_PRECISIONS),
      similarity: similarity ?? (embedder?.similarityFunction === 'dot' ? 'dot' : undefined),
      scoring: checkOneOf(WHAT, 'scoring', options.scoring, ['auto', ...SCORINGS]) ?? 'auto',
      isNested: nestedDims?.some((nested) => nested <= FUNNEL_DIM) ?? false,
    },
  }
}
