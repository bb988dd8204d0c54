import { foldText } from './fold-text.js'
import { splitTerms, type Term } from './split-terms.js'
import type { TermList } from './term-list.js'

/**
 * How much a corrected word counts, and one that was only begun; less with each letter that is off. Queries of two manuals with one letter
 * wrong: NDCG@10 .916 with 0.45, .932 with 0.7, .933 with 0.9 (identifiers of PostgreSQL's).
 */
const TYPO_WEIGHT = 0.7
const PREFIX_WEIGHT = 0.375
/** How much less a letter that is still to be written counts than a wrong one. */
const PREFIX_DISTANCE = 0.3

/** Shortest beginning of a word that is looked for: two letters begin too many. */
const MIN_PREFIX = 3

/** Most letters of a word that is corrected: what is longer is no word, and takes long to compare. */
const MAX_CORRECTED_LENGTH = 64

/** Most words of a query that are corrected, so that a page that is taken for a query is answered soon. */
const MAX_CORRECTED = 32

/** A term that is looked for in place of a word. */
export interface Candidate {
  readonly term: number
  readonly weight: number
}

/** What is asked for, once however often a query says it. */
export interface QueryWord {
  /** Whether some document has it as it is. */
  readonly isKnown: boolean
  /** The word itself, or of an unknown one what it may have been meant for. */
  readonly candidates: readonly Candidate[]
}

/** Splits a query, and finds what its words are in an index; each word counts once. */
export function queryWords(query: string, terms: TermList, isKnown: (term: number) => boolean): QueryWord[] {
  const found = splitTerms(foldText(query)).filter(({ kind }) => kind !== 'inner')
  const end = found.reduce((most, term) => Math.max(most, term.end), 0)
  const words = new Map<string, QueryWord>()
  let corrected = 0
  for (const term of found) {
    if (words.has(term.text) && term.end !== end) continue
    const number = terms.numberOf(term.text)
    const known = number !== undefined && isKnown(number)
    // What may as well be written apart is its parts where no text joins it.
    if (!known && term.kind === 'joined') continue
    let candidates = [{ term: number ?? -1, weight: 1 }]
    if (!known) candidates = ++corrected > MAX_CORRECTED ? [] : candidatesFor(term, term.end === end, terms)
    words.set(term.text, { isKnown: known, candidates: candidates.filter((candidate) => isKnown(candidate.term)) })
  }
  return [...words.values()]
}

function candidatesFor({ text }: Term, isLast: boolean, terms: TermList): Candidate[] {
  const length = Array.from(text).length
  const weights = new Map<number, number>()
  const typos = typosOf(length)
  for (const { term, edits } of typos > 0 ? terms.near(text, typos) : []) {
    weights.set(term, (TYPO_WEIGHT * length) / (length + edits))
  }
  if (isLast && length >= MIN_PREFIX) {
    for (const term of terms.begun(text)) {
      const rest = Array.from(terms.texts[term] as string).length - length
      const weight = (PREFIX_WEIGHT * length) / (length + PREFIX_DISTANCE * rest)
      weights.set(term, Math.max(weight, weights.get(term) ?? 0))
    }
  }
  return Array.from(weights, ([term, weight]) => ({ term, weight }))
}

/**
 * Letters that may be wrong, as Lucene's `AUTO` has it.
 *
 * @see {@link https://www.elastic.co/docs/reference/elasticsearch/rest-apis/common-options | Fuzziness}
 */
function typosOf(length: number): number {
  if (length < 3 || length > MAX_CORRECTED_LENGTH) return 0
  return length < 6 ? 1 : 2
}
