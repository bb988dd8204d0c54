import { inverseDocumentFrequency, K1 } from './bm25.js'
import { FieldLengths } from './field-lengths.js'
import { foldText } from './fold-text.js'
import { spansOf, type MatchSpan } from './match-spans.js'
import { fieldOf, Postings, timesOf } from './postings.js'
import { queryWords, type Candidate } from './query-words.js'
import { countsForLength, splitTerms } from './split-terms.js'
import { TermList } from './term-list.js'
import { withoutGone, type WordState } from './word-state.js'

/** Documents that are gone may be as many as those that are there, and this many more, before all is made anew without them. */
const SPARE_DOCUMENTS = 1024

const EMPTY: WordState = {
  size: 0,
  terms: [],
  starts: new Uint32Array(1),
  documents: new Int32Array(0),
  counts: new Uint16Array(0),
  lengths: new Int32Array(0),
}

/** What a query has found. */
export interface WordScores {
  /** The most that the query could have scored. */
  readonly bound: number
  /** By document; 0 where no word was found. */
  readonly scores: Float64Array
  /** Documents with some word, in no order. */
  readonly found: readonly number[]
}

/**
 * An index of the words of documents, which are numbers from 0 in the order in which they were added.
 *
 * BM25F: what a word's occurrences in the fields of a document count is added up, each by its field's boost and length, before it saturates.
 * Two of three fields with the word are so no more than the word can count, and the bound of a word is `idf * (k1 + 1)` for any boosts.
 *
 * @see {@link https://doi.org/10.1145/1031171.1031181 | Robertson, Zaragoza and Taylor, Simple BM25 Extension to Multiple Weighted Fields, 2004}
 */
export class WordIndex {
  readonly #terms: TermList
  readonly #postings: Postings
  readonly #lengths: FieldLengths
  /** 1 where a document is gone. */
  #gone: Uint8Array<ArrayBuffer>
  #documents: number
  #goneCount = 0
  /** Of the word that is scored, by document; 0 between words. */
  #shares = new Float64Array(0)

  /** Starts empty, or with what {@link WordIndex.state} gave, with a boost for each field. */
  constructor(boosts: readonly number[], state: WordState = EMPTY) {
    this.#terms = new TermList(state.terms)
    this.#postings = new Postings(state)
    this.#lengths = new FieldLengths(boosts, state.lengths)
    this.#documents = state.size
    this.#gone = new Uint8Array(Math.max(256, state.size))
  }

  /** Number of documents that are there. */
  get size(): number {
    return this.#documents - this.#goneCount
  }

  /** Adds a document with the texts of its fields. Gives its number. */
  add(fields: readonly (readonly string[])[]): number {
    const document = this.#documents++
    if (document === this.#gone.length) {
      const longer = new Uint8Array(2 * document)
      longer.set(this.#gone)
      this.#gone = longer
    }
    for (const [field, texts] of fields.entries()) {
      const times = new Map<number, number>()
      let length = 0
      for (const text of texts) {
        for (const term of splitTerms(foldText(text))) {
          if (countsForLength(term)) length++
          const number = this.#terms.add(term.text)
          times.set(number, (times.get(number) ?? 0) + 1)
        }
      }
      for (const [term, count] of times) this.#postings.append(term, document, field, count)
      this.#lengths.set(document, field, length)
    }
    return document
  }

  /** Removes a document that is there. */
  remove(document: number): void {
    this.#gone[document] = 1
    this.#goneCount++
    this.#lengths.forget(document)
  }

  /** Scores all documents. */
  score(query: string): WordScores {
    const scores = new Float64Array(this.#documents)
    if (this.#shares.length < this.#documents) this.#shares = new Float64Array(this.#gone.length)
    const shares = this.#shares
    const weightOf = this.#lengths.weights()
    const found: number[] = []
    let bound = 0
    for (const word of queryWords(query, this.#terms, (term) => this.#isKnown(term))) {
      const { touched, having } = this.#saturate(word.candidates, weightOf)
      const most = (K1 + 1) * inverseDocumentFrequency(this.size, having)
      bound += word.isKnown ? most : (K1 + 1) * inverseDocumentFrequency(this.size, 0)
      for (const document of touched) {
        const before = scores[document] as number
        if (before === 0) found.push(document)
        scores[document] = before + most * (shares[document] as number)
        shares[document] = 0
      }
    }
    return { bound, scores, found }
  }

  /**
   * Finds where a text has what a query finds.
   *
   * @returns Spans in UTF-16 units, in rising order, none of which touches the next.
   */
  matchesOf(query: string, text: string): MatchSpan[] {
    const found = new Set<string>()
    for (const { candidates } of queryWords(query, this.#terms, (term) => this.#isKnown(term))) {
      for (const { term } of candidates) found.add(this.#terms.texts[term] as string)
    }
    return spansOf(text, found)
  }

  /** Whether most of what it holds is of documents that are gone: one made of {@link WordIndex.state} is smaller. */
  get isSparse(): boolean {
    return this.#goneCount > this.size + SPARE_DOCUMENTS
  }

  /** Gives all that an index of the same documents is made of, which are numbered anew where some are gone. */
  state(): WordState {
    const sorted = this.#postings.sort(this.#terms.size)
    const all = {
      size: this.#documents,
      terms: this.#terms.texts,
      ...sorted,
      lengths: this.#lengths.of(this.#documents),
    }
    return this.#goneCount === 0 ? all : withoutGone(all, this.#gone)
  }

  #isKnown(term: number): boolean {
    if (this.#goneCount === 0) return this.#postings.has(term)
    return this.#postings.read(term).documents.some((document) => this.#gone[document] === 0)
  }

  /** Leaves in `#shares` how near each document comes to all that a word can count, by its best candidate. */
  #saturate(
    candidates: readonly Candidate[],
    weightOf: (document: number, field: number) => number,
  ): { readonly touched: readonly number[]; readonly having: number } {
    const shares = this.#shares
    const touched: number[] = []
    let most = 0
    for (const { term, weight } of candidates) {
      const { length, documents, counts } = this.#postings.read(term)
      let having = 0
      for (let place = 0; place < length;) {
        const document = documents[place] as number
        let sum = 0
        for (; place < length && documents[place] === document; place++) {
          const count = counts[place] as number
          sum += timesOf(count) * weightOf(document, fieldOf(count))
        }
        if (this.#gone[document] === 1) continue
        having++
        const before = shares[document] as number
        const share = (weight * sum) / (K1 + sum)
        if (before === 0) touched.push(document)
        if (share > before) shares[document] = share
      }
      most = Math.max(most, having)
    }
    return { touched, having: most }
  }
}
