import { TopScores } from '@nestling/kit/math/top-scores'
import { show } from '@nestling/kit/options/show'
import type { MatchSpan } from '@nestling/kit/words/match-spans'
import { WordIndex } from '@nestling/kit/words/word-index'
import { checkVerdict } from '../wire/check-verdict.js'
import type { DocumentId } from '../wire/document-id.js'
import { bytesToKeywords, keywordsToBytes } from './keyword-bytes.js'
import { readFieldBoosts, type FieldBoosts } from './field-boosts.js'
import type { Hit, KeywordDocument, KeywordIndex, KeywordIndexOptions, KeywordScores } from './keyword-index.js'
import { readKeywordDocument } from './read-keyword-document.js'

/** Finds texts by BM25F: the kit's index of words, which knows documents by numbers, with their ids. */
export class RankedKeywordIndex implements KeywordIndex {
  readonly boosts: FieldBoosts
  #words: WordIndex
  /** By number. */
  #ids: DocumentId[]
  readonly #numbers = new Map<DocumentId, number>()

  constructor(boosts: FieldBoosts, words: WordIndex = new WordIndex([...boosts.values()]), ids: DocumentId[] = []) {
    this.boosts = boosts
    this.#words = words
    this.#ids = ids
    for (const [number, id] of ids.entries()) this.#numbers.set(id, number)
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** Starts empty. */
  static create(options: KeywordIndexOptions): RankedKeywordIndex {
    return new RankedKeywordIndex(readFieldBoosts(options))
  }

  /**
   * Reads what `toBytes` wrote.
   *
   * @throws {EmbedderError} With `index-corrupt` if they are something else.
   */
  static fromBytes(bytes: Uint8Array): RankedKeywordIndex {
    const { boosts, ids, state } = bytesToKeywords(bytes)
    return new RankedKeywordIndex(boosts, new WordIndex([...boosts.values()], state), ids)
  }

  get size(): number {
    return this.#numbers.size
  }

  add(documents: readonly KeywordDocument[]): void {
    // All are read before the first is added: all or none.
    const read = Array.from(documents, (document, index) => readKeywordDocument(document, index, this.boosts))
    for (const { id, texts } of read) {
      this.#remove(id)
      this.#numbers.set(id, this.#words.add(texts))
      this.#ids.push(id)
    }
    this.#compact()
  }

  remove(ids: Iterable<DocumentId>): void {
    for (const id of ids) this.#remove(id)
    this.#compact()
  }

  search(query: string, limit: number, isAllowed?: (id: DocumentId) => boolean): readonly Hit[] {
    return this.score(query, isAllowed).best(limit)
  }

  score(query: string, isAllowed: (id: DocumentId) => boolean = () => true): KeywordScores {
    checkText('query', query)
    const { bound, scores, found } = this.#words.score(query)
    const ids = this.#ids
    const isIn = (id: DocumentId): boolean => checkVerdict('search for words', 'isAllowed', isAllowed(id))
    return {
      bound,
      scoreOf: (id) => {
        const score = scores[this.#numbers.get(id) ?? -1] ?? 0
        return score > 0 && isIn(id) ? score : 0
      },
      each: (see) => {
        for (const number of found) {
          const score = scores[number] as number
          if (score > 0 && isIn(ids[number] as DocumentId)) see(ids[number] as DocumentId, score)
        }
      },
      best: (limit) => {
        if (!(limit >= 1)) return []
        const top = new TopScores(Math.floor(limit), 'lowest')
        for (const number of found) {
          const score = scores[number] as number
          // Few are good enough, so that few are asked for.
          if (score >= top.threshold && isIn(ids[number] as DocumentId)) top.add(number, score)
        }
        return Array.from(top.drain(), (number) => ({ id: ids[number] as DocumentId, score: scores[number] as number }))
      },
    }
  }

  matchesOf(query: string, text: string): readonly MatchSpan[] {
    checkText('query', query)
    checkText('text', text)
    return this.#words.matchesOf(query, text)
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return keywordsToBytes({ boosts: this.boosts, ids: [...this.#numbers.keys()], state: this.#words.state() })
  }

  #remove(id: DocumentId): void {
    const number = this.#numbers.get(id)
    if (number === undefined) return
    this.#words.remove(number)
    this.#numbers.delete(id)
  }

  #compact(): void {
    if (!this.#words.isSparse) return
    this.#words = new WordIndex([...this.boosts.values()], this.#words.state())
    // A map gives its keys in the order in which they came, which is that of the numbers.
    this.#ids = [...this.#numbers.keys()]
    for (const [number, id] of this.#ids.entries()) this.#numbers.set(id, number)
  }
}

function checkText(name: string, value: unknown): void {
  if (typeof value === 'string') return
  throw new TypeError(`Cannot search for words as ${name} must be a string: current value is ${show(value)}`)
}
