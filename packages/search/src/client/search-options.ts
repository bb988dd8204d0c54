import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkSignal,
  checkType,
  type KnownKeys,
} from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { toPlain } from '@nestling/kit/options/to-plain'
import type { Fusion, HitParts } from '../wire/fusion.js'
import { SCORINGS, type Scoring } from '../wire/scoring.js'
import type { DocumentId } from '../wire/document-id.js'
import { SEARCH_MODES, type Metadata, type SearchMode, type WordMatch } from '../wire/protocol.js'
import { resolveFilter, type MetadataFilter, type ResolvedFilter } from './reading/metadata-filter.js'

/** Chooses how `search` works. */
export interface SearchOptions<M extends object = Metadata> {
  /**
   * Most documents to find.
   *
   * @defaultValue 10
   */
  readonly topK?: number | undefined
  /**
   * Which documents may be found. Conditions are compared in the worker, see {@link MetadataConditions}. A function gives true or false, never
   * a promise; it runs on the page, in slices of 4 ms, on the metadata of all documents, which come over once and again after a change.
   *
   * @defaultValue all
   */
  readonly filter?: MetadataFilter<M> | undefined
  /**
   * Lowest score: of vectors their similarity, of keywords BM25. A hybrid search leaves nearness below it out, and words still count.
   *
   * @defaultValue none
   */
  readonly minScore?: number | undefined
  /**
   * What is searched: `vectors`, the words of the texts by BM25 (`keywords`), or both (`hybrid`).
   *
   * @defaultValue 'vectors'
   */
  readonly mode?: SearchMode | undefined
  /**
   * How a hybrid search puts vectors and words together: by their `scores`, or by the places that documents have in both lists (`ranks`).
   *
   * @defaultValue `{ kind: 'scores', weight: 0.5 }`
   */
  readonly fusion?: Fusion | undefined
  /**
   * Whether hits say what matched, as `matches`: the words, and the sentence nearest in meaning, for which the embedder encodes the
   * sentences of the passages that were found.
   *
   * @defaultValue false
   */
  readonly explain?: boolean | undefined
  /**
   * How vectors are scored.
   *
   * @defaultValue that of the index
   */
  readonly scoring?: Scoring | 'auto' | undefined
  /** Ends the call at once with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** One document that was found. */
export interface SearchHit<M extends object = Metadata> {
  /** Its id. */
  readonly id: DocumentId
  /** How well it fits; higher is better. Scores of different modes cannot be compared. */
  readonly score: number
  /** Of a hybrid search, what the score was made of. */
  readonly parts?: HitParts | undefined
  /** What is known of it. */
  readonly metadata: M | undefined
  /** The part of its text that fits best: `text.slice(start, end)` of the document. `undefined` for a document without text. */
  readonly passage: SearchPassage | undefined
  /** What matched, where `explain` asked for it. */
  readonly matches?: HitMatches | undefined
}

/** What of a document matched. */
export interface HitMatches {
  /** Words of the query in the text and in other fields, in their order, those that were only similar or begun among them. */
  readonly words: readonly WordMatch[]
  /** The sentence of the passage that is nearest in meaning; `undefined` without a text, or without an embedder or vector. */
  readonly sentence: SearchPassage | undefined
}

/** Part of a document. */
export interface SearchPassage {
  readonly text: string
  /** Where it starts in the document, in UTF-16 units. */
  readonly start: number
  /** Where it ends, the first unit that is not in it. */
  readonly end: number
}

const KNOWN_KEYS: KnownKeys<SearchOptions> = {
  topK: true,
  filter: true,
  minScore: true,
  mode: true,
  fusion: true,
  explain: true,
  scoring: true,
  signal: true,
}

const WHAT = 'search'

/** Python's default. */
const DEFAULT_TOP_K = 10

/** {@link SearchOptions} with every default filled in. */
export interface ResolvedSearchOptions<M extends object> {
  readonly topK: number
  readonly chosen: ResolvedFilter<M>
  readonly minScore: number | undefined
  readonly mode: SearchMode
  /** A copy; the worker checks it. */
  readonly fusion: Fusion | undefined
  readonly explain: boolean
  readonly scoring: Scoring | 'auto' | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * Checks options and fills in defaults.
 *
 * @param options - What the caller gave.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If an option does not exist or has the wrong type.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveSearchOptions<M extends object>(options: SearchOptions<M>): ResolvedSearchOptions<M> {
  checkKeys(WHAT, options, KNOWN_KEYS as KnownKeys<SearchOptions<M>>)
  const { minScore, signal } = options
  if (minScore !== undefined && (typeof minScore !== 'number' || Number.isNaN(minScore))) {
    throw new TypeError(`Cannot ${WHAT} as minScore must be a number: current value is ${show(minScore)}`)
  }
  checkSignal(WHAT, signal)
  return {
    topK: checkPositiveInteger(WHAT, 'topK', options.topK) ?? DEFAULT_TOP_K,
    chosen: resolveFilter(WHAT, options.filter),
    minScore,
    mode: checkOneOf(WHAT, 'mode', options.mode, SEARCH_MODES) ?? 'vectors',
    fusion: toPlain(WHAT, 'fusion', options.fusion),
    explain: checkType(WHAT, 'explain', options.explain, 'boolean') ?? false,
    scoring: checkOneOf(WHAT, 'scoring', options.scoring, ['auto', ...SCORINGS]),
    signal,
  }
}
