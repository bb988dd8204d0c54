import MiniSearch, { type AsPlainObject, type Options } from 'minisearch'
import { show } from '../options/check-options.js'
import { failure } from '../wire/failure.js'
import type { DocumentId, Hit, KeywordDocument, KeywordIndex } from './keyword-index.js'
import { wordsOf } from './words.js'

/** What `toBytes` writes; another version of words or of MiniSearch needs another number. */
const FORMAT = 'nestling-keywords'
const VERSION = 1

const FIELD = 'text'

/** Shortest beginning of a word that is looked for: two letters begin too many. */
const MIN_PREFIX = 3

/** Fewest documents for which a word can be everywhere; in a handful each of them counts. */
const MIN_DOCUMENTS = 100

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

/** Finds texts by BM25+; all of MiniSearch is behind this file. */
export class MiniSearchIndex implements KeywordIndex {
  readonly #index: MiniSearch<KeywordDocument>

  constructor(index: MiniSearch<KeywordDocument> = new MiniSearch(OPTIONS)) {
    this.#index = index
  }

  /**
   * Reads what `toBytes` wrote.
   *
   * @param bytes - The bytes.
   * @returns The index.
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
    for (const { id, text } of documents) {
      if (this.#index.has(id)) this.#index.discard(id)
      this.#index.add({ id, text })
    }
  }

  remove(ids: Iterable<DocumentId>): void {
    for (const id of ids) if (this.#index.has(id)) this.#index.discard(id)
  }

  search(query: string, limit: number, isAllowed: (id: DocumentId) => boolean = () => true): readonly Hit[] {
    const words = wordsOf(query)
    const telling = words.filter((word) => !this.#isEverywhere(word))
    const last = words.at(-1)
    const hits = this.#find(telling, last, isAllowed)
    // A query of nothing but such words still means something, as "to be or not to be".
    const all = hits.length === 0 && telling.length < words.length ? this.#find(words, last, isAllowed) : hits
    return all.sort((a, b) => b.score - a.score).slice(0, limit)
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const saved: SavedIndex = { format: FORMAT, version: VERSION, index: this.#index.toJSON() }
    return new TextEncoder().encode(JSON.stringify(saved))
  }

  /** Documents that have some of the words, in no order. `last` is the query's last word, which the reader may still be writing. */
  #find(words: readonly string[], last: string | undefined, isAllowed: (id: DocumentId) => boolean): Hit[] {
    const known = new Map<string, boolean>()
    const isKnown = (word: string): boolean => {
      const answer = known.get(word) ?? this.#count(word) > 0
      known.set(word, answer)
      return answer
    }
    const hits: Hit[] = []
    this.#index.search('', {
      tokenize: () => [...words],
      processTerm: (word) => (isKnown(word) ? word : [...swapsOf(word).filter(isKnown), word]),
      fuzzy: (word) => (isKnown(word) ? false : typosOf(word)),
      prefix: (word) => word === last && word.length >= MIN_PREFIX && !isKnown(word),
      // MiniSearch multiplies by the number of words that fit, which is not BM25: six small words would beat the rare one.
      filter: ({ id, score, queryTerms }) => {
        if (isAllowed(id as DocumentId)) hits.push({ id: id as DocumentId, score: score / queryTerms.length })
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

  /** Whether a word is in so many documents that it tells nothing: without a floor its inverse document frequency would be negative. */
  #isEverywhere(word: string): boolean {
    return this.size >= MIN_DOCUMENTS && this.#count(word) > this.size / 2
  }
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
