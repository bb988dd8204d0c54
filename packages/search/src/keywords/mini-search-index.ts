import MiniSearch, { type AsPlainObject, type Options } from 'minisearch'
import { show } from '@nestling/kit/options/show'
import { checkVerdict } from '../wire/check-verdict.js'
import { readId } from '../wire/document-id.js'
import { failure } from '../wire/failure.js'
import type { DocumentId } from '../wire/document-id.js'
import type { Hit, KeywordDocument, KeywordIndex } from './keyword-index.js'
import { wordsOf } from './words.js'

/** What `toBytes` writes; another version of words or of MiniSearch needs another number. */
const FORMAT = 'nestling-keywords'
const VERSION = 1

const FIELD = 'text'

/** Shortest beginning of a word that is looked for: two letters begin too many. */
const MIN_PREFIX = 3

/**
 * Fewest documents for which a word can be everywhere, which is in more than half of them: it tells nothing, as its inverse document
 * frequency would be negative without a floor. In a handful of documents each of them counts.
 */
const MIN_DOCUMENTS = 100

/**
 * Documents of a word above which it only adds to documents that rarer words found, if there are enough of those. One that has nothing but
 * frequent words is seldom among the best: 60 queries of Cranfield in 100,000 texts of 60 words had a p50 of 246 ms instead of 817 ms in one
 * run, with 99.8 % of the same ten best.
 */
const MAX_POSTINGS = 5000

/** How much a corrected word counts, and one that was only begun; less with each letter that is off. MiniSearch's defaults. */
const TYPO_WEIGHT = 0.45
const PREFIX_WEIGHT = 0.375

/** MiniSearch's default BM25+ is k1 = 1.2, b = 0.7, delta = 0.5, that of its authors' defaults; it stays. */
const OPTIONS: Options<KeywordDocument> = {
  fields: [FIELD],
  tokenize: wordsOf,
  // Words are ready.
  processTerm: (word) => word,
  logger: () => undefined,
}

interface SavedIndex {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  readonly index: AsPlainObject
}

/** What is looked for. */
interface WordSearch {
  readonly words: readonly string[]
  /** The last word of the query, which the reader may still be writing. */
  readonly last: string | undefined
  readonly limit: number
  readonly isAllowed: (id: DocumentId) => boolean
  /** Number of documents that have a word. */
  readonly countOf: (word: string) => number
}

/** Finds texts by BM25+; all of MiniSearch is behind this file. */
export class MiniSearchIndex implements KeywordIndex {
  readonly #index: MiniSearch<KeywordDocument>

  constructor(index: MiniSearch<KeywordDocument> = new MiniSearch(OPTIONS)) {
    this.#index = index
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /**
   * Reads what `toBytes` wrote.
   *
   * @throws {EmbedderError} With `index-corrupt` if they are something else.
   */
  static fromBytes(bytes: Uint8Array): MiniSearchIndex {
    try {
      const saved = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as SavedIndex
      if ((saved.format as string) !== FORMAT || (saved.version as number) !== VERSION) {
        throw new TypeError(`it is ${show(saved.format)} ${show(saved.version)}`)
      }
      return new MiniSearchIndex(MiniSearch.loadJS(saved.index, OPTIONS))
    } catch (cause) {
      throw failure(
        'index-corrupt',
        `Cannot read a keyword index as it must be ${FORMAT} ${VERSION}: current length is ${bytes.length} bytes\nMake the index again from its texts.`,
        { cause, details: { sizeBytes: bytes.length } },
      )
    }
  }

  get size(): number {
    return this.#index.documentCount
  }

  add(documents: readonly KeywordDocument[]): void {
    for (const { id, text } of Array.from(documents, readDocument)) {
      if (this.#index.has(id)) this.#index.discard(id)
      this.#index.add({ id, text })
    }
  }

  remove(ids: Iterable<DocumentId>): void {
    for (const id of ids) if (this.#index.has(id)) this.#index.discard(id)
  }

  search(query: string, limit: number, isAllowed: (id: DocumentId) => boolean = () => true): readonly Hit[] {
    const words = wordsOf(query)
    const counts = new Map<string, number>()
    const countOf = (word: string): number => {
      const count = counts.get(word) ?? this.#count(word)
      counts.set(word, count)
      return count
    }
    const telling = words.filter((word) => this.size < MIN_DOCUMENTS || countOf(word) <= this.size / 2)
    const all = { last: words.at(-1), limit, isAllowed, countOf }
    const hits = this.#find({ words: telling, ...all })
    // A query of nothing but such words still means something, as "to be or not to be".
    const found = hits.length === 0 && telling.length < words.length ? this.#find({ words, ...all }) : hits
    return found.sort((a, b) => b.score - a.score).slice(0, limit)
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const saved: SavedIndex = { format: FORMAT, version: VERSION, index: this.#index.toJSON() }
    return new TextEncoder().encode(JSON.stringify(saved))
  }

  /** Documents that have some of the words, in no order. */
  #find({ words, last, limit, isAllowed, countOf }: WordSearch): Hit[] {
    const isKnown = (word: string): boolean => countOf(word) > 0
    const rareFirst = [...words].sort((a, b) => countOf(a) - countOf(b))
    const frequent = new Set(rareFirst.filter((word) => countOf(word) > MAX_POSTINGS))
    const seen = new Set<DocumentId>()
    const hits: Hit[] = []
    this.#index.search('', {
      tokenize: () => rareFirst,
      processTerm: (word) => (isKnown(word) ? word : [...swapsOf(word).filter(isKnown), word]),
      fuzzy: (word) => (isKnown(word) ? false : typosOf(word)),
      prefix: (word) => word === last && word.length >= MIN_PREFIX && !isKnown(word),
      weights: { fuzzy: TYPO_WEIGHT, prefix: PREFIX_WEIGHT },
      boostTerm: (word) => (words.includes(word) ? 1 : (TYPO_WEIGHT * word.length) / (word.length + 1)),
      boostDocument: (id, word) => {
        const document = id as DocumentId
        if (!checkVerdict('search for words', 'isAllowed', isAllowed(document))) return 0
        if (frequent.has(word) && seen.size >= limit) return seen.has(document) ? 1 : 0
        seen.add(document)
        return 1
      },
      // MiniSearch multiplies by the number of words that fit, which is not BM25: six small words would beat the rare one.
      filter: ({ id, score, queryTerms }) => {
        hits.push({ id: id as DocumentId, score: score / queryTerms.length })
        return false
      },
    })
    return hits
  }

  /** Number of documents that have a word. A weight of 0 keeps MiniSearch from making results, of which a frequent word has many. */
  #count(word: string): number {
    let count = 0
    this.#index.search(word, {
      tokenize: (text) => [text],
      boostDocument: () => {
        count++
        return 0
      },
    })
    return count
  }
}

/** All are read before the first is added: all or none. */
function readDocument(document: unknown, index: number): KeywordDocument {
  const path = `documents[${index}]`
  if (typeof document !== 'object' || document === null) throw refusal(path, 'an object', document)
  const { id, text } = document as Partial<KeywordDocument>
  if (typeof text !== 'string') throw refusal(`${path}.text`, 'a string', text)
  return { id: readId('add documents', `${path}.id`, id), text }
}

function refusal(path: string, rule: string, value: unknown): TypeError {
  return new TypeError(`Cannot add documents as ${path} must be ${rule}: current value is ${show(value)}`)
}

/**
 * Letters that may be wrong, as Lucene's `AUTO` has it.
 *
 * @see {@link https://www.elastic.co/docs/reference/elasticsearch/rest-apis/common-options | Fuzziness}
 */
function typosOf(word: string): number | false {
  if (word.length < 3) return false
  return word.length < 6 ? 1 : 2
}

/** The word with two neighbours swapped. That is two wrong letters for MiniSearch, and the most frequent slip of all. */
function swapsOf(word: string): string[] {
  const letters = Array.from(word)
  if (letters.length < 3) return []
  return letters.slice(1).flatMap((letter, place) => {
    const before = letters[place] as string
    if (letter === before) return []
    return [[...letters.slice(0, place), letter, before, ...letters.slice(place + 2)].join('')]
  })
}
