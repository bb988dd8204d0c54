import MiniSearch, { type AsPlainObject, type Options, type SearchOptions } from 'minisearch'
import { EmbedderError } from 'nestling'
import { show } from '../options/check-options.js'
import type { DocumentId, Hit, KeywordDocument, KeywordIndex } from './keyword-index.js'
import { wordsOf } from './words.js'

/** What `toBytes` writes; another version of words or of MiniSearch needs another number. */
const FORMAT = 'nestling-keywords'
const VERSION = 1

const FIELD = 'text'

/** Shortest beginning of a word that is looked for: two letters begin too many. */
const MIN_PREFIX = 3

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
      throw new EmbedderError(
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

  search(query: string, limit: number, isAllowed?: (id: DocumentId) => boolean): readonly Hit[] {
    const known = new Map<string, boolean>()
    const isKnown = (word: string): boolean => {
      const answer = known.get(word) ?? this.#has(word)
      known.set(word, answer)
      return answer
    }
    const options: SearchOptions = {
      combineWith: 'OR',
      processTerm: (word) => (isKnown(word) ? word : [...swapsOf(word).filter(isKnown), word]),
      fuzzy: (word) => (isKnown(word) ? false : typosOf(word)),
      // The reader may still be writing the last word.
      prefix: (word, place, words) => place === words.length - 1 && word.length >= MIN_PREFIX && !isKnown(word),
    }
    if (isAllowed !== undefined) options.filter = ({ id }) => isAllowed(id as DocumentId)
    return this.#index
      .search(query, options)
      .slice(0, limit)
      .map(({ id, score }) => ({ id: id as DocumentId, score }))
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const saved: SavedIndex = { format: FORMAT, version: VERSION, index: this.#index.toJSON() }
    return new TextEncoder().encode(JSON.stringify(saved))
  }

  /** Whether a document has the word. A weight of 0 keeps MiniSearch from making results, of which a frequent word has many. */
  #has(word: string): boolean {
    let isFound = false
    this.#index.search(word, {
      tokenize: (text) => [text],
      processTerm: (text) => text,
      fuzzy: false,
      prefix: false,
      boostDocument: () => {
        isFound = true
        return 0
      },
    })
    return isFound
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
