import { byteTokens } from './byte-fallback.js'
import { TextTrie } from './text-trie.js'
import type { TokenModel } from './token-model.js'
import { missingUnknownToken } from '../tokenizer-json.js'
import { WordCache } from './word-cache.js'

/** A `Unigram` model in tokenizer.json. */
export interface UnigramJson {
  readonly vocab: readonly (readonly [token: string, score: number])[]
  readonly unk_id?: number | null
  readonly byte_fallback?: boolean
}

/** An unknown character scores that much less than the worst token. */
const UNKNOWN_PENALTY = 10

/**
 * Finds the cut of a word whose tokens score most; of equals, the first found.
 *
 * @see `encode_optimized` in `tokenizers/src/models/unigram/model.rs`
 */
export class Unigram implements TokenModel {
  readonly #trie = new TextTrie()
  readonly #ids = new Map<string, number>()
  readonly #scores: Float64Array
  readonly #unknownScore: number
  readonly #unknown: number | undefined
  readonly #bytes: ((text: string) => readonly number[] | undefined) | undefined
  readonly #cache = new WordCache()

  /**
   * Reads the vocabulary.
   *
   * @param json - The model.
   */
  constructor(json: UnigramJson) {
    this.#scores = Float64Array.from(json.vocab, ([, score]) => score)
    for (const [id, [token]] of json.vocab.entries()) {
      this.#ids.set(token, id)
      if (token !== '') this.#trie.set(token, id)
    }
    this.#unknownScore = this.#scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY
    this.#unknown = json.unk_id ?? undefined
    this.#bytes = json.byte_fallback === true ? byteTokens((token) => this.#ids.get(token)) : undefined
  }

  /** {@inheritDoc Vocabulary.size} */
  get size(): number {
    return this.#scores.length
  }

  /** {@inheritDoc Vocabulary.idOf} */
  idOf(token: string): number | undefined {
    return this.#ids.get(token)
  }

  /** {@inheritDoc TokenModel.tokenize} */
  tokenize(word: string, ids: number[]): void {
    for (const id of this.#cache.get(word, () => this.#split(word))) ids.push(id)
  }

  /** Walks the best path from its end; neighbouring unknowns become one token. */
  #split(word: string): number[] {
    const path = this.#findBestPath(word)
    const ids: number[] = []
    for (let end = word.length, start = 0; end > 0; end = start) {
      start = path.starts[end] as number
      const id = path.ids[end] as number
      if (id !== this.#unknown) {
        ids.push(id)
        continue
      }
      while (start > 0 && path.ids[start] === this.#unknown) start = path.starts[start] as number
      ids.push(...this.#tokenizeUnknown(word.slice(start, end)).toReversed())
    }
    return ids.reverse()
  }

  #tokenizeUnknown(text: string): readonly number[] {
    const id = this.#ids.get(text)
    return id === undefined ? (this.#bytes?.(text) ?? [this.#unknown as number]) : [id]
  }

  /** For each position that a token ends at, the best of those tokens: where it starts and its id. */
  #findBestPath(word: string): { starts: Int32Array; ids: Int32Array } {
    const starts = new Int32Array(word.length + 1).fill(-1)
    const ids = new Int32Array(word.length + 1)
    const scores = new Float64Array(word.length + 1)
    const offer = (start: number, end: number, id: number, score: number): void => {
      const total = score + (scores[start] as number)
      if (starts[end] !== -1 && !(total > (scores[end] as number))) return
      starts[end] = start
      ids[end] = id
      scores[end] = total
    }
    for (let start = 0, next = 0; start < word.length; start = next) {
      next = start + ((word.codePointAt(start) as number) > 0xffff ? 2 : 1)
      let isKnown = false
      let node = TextTrie.root
      for (let end = start; end < word.length;) {
        node = this.#trie.step(node, word.charCodeAt(end++))
        if (node < 0) break
        const id = this.#trie.valueAt(node)
        if (id < 0) continue
        offer(start, end, id, this.#scores[id] as number)
        isKnown ||= end === next
      }
      if (isKnown) continue
      if (this.#unknown === undefined) throw missingUnknownToken('Unigram')
      offer(start, next, this.#unknown, this.#unknownScore)
    }
    return { starts, ids }
  }
}
