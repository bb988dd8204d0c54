import { missingUnknownToken } from '../tokenizer-json.js'
import { TextTrie } from './text-trie.js'
import type { TokenModel } from './token-model.js'
import { WordCache } from './word-cache.js'

/** A `WordPiece` model in tokenizer.json. */
export interface WordPieceJson {
  readonly vocab: Readonly<Record<string, number>>
  readonly unk_token: string
  readonly continuing_subword_prefix: string
  readonly max_input_chars_per_word: number
}

/**
 * Takes the longest token that a word starts with, again and again; a word that cannot be covered is one unknown token.
 *
 * @see `tokenizers/src/models/wordpiece/mod.rs`
 */
export class WordPiece implements TokenModel {
  readonly #vocab: ReadonlyMap<string, number>
  readonly #starts = new TextTrie()
  /** Tokens inside a word, without their prefix. */
  readonly #continuations = new TextTrie()
  readonly #unknown: number | undefined
  readonly #maxChars: number
  readonly #cache = new WordCache()

  /**
   * Reads the vocabulary.
   *
   * @param json - The model.
   */
  constructor(json: WordPieceJson) {
    this.#vocab = new Map(Object.entries(json.vocab))
    const prefix = json.continuing_subword_prefix
    for (const [token, id] of this.#vocab) {
      this.#starts.set(token, id)
      if (token.startsWith(prefix)) this.#continuations.set(token.slice(prefix.length), id)
    }
    this.#unknown = this.#vocab.get(json.unk_token)
    this.#maxChars = json.max_input_chars_per_word
  }

  /** {@inheritDoc Vocabulary.size} */
  get size(): number {
    return this.#vocab.size
  }

  /** {@inheritDoc Vocabulary.idOf} */
  idOf(token: string): number | undefined {
    return this.#vocab.get(token)
  }

  /** {@inheritDoc TokenModel.tokenize} */
  tokenize(word: string, ids: number[]): void {
    for (const id of this.#cache.get(word, () => this.#split(word))) ids.push(id)
  }

  #split(word: string): number[] {
    const ids: number[] = []
    let start = 0
    let match = this.#isTooLong(word) ? undefined : this.#starts.longestAt(word, 0)
    while (match !== undefined && match.end > start) {
      ids.push(match.value)
      start = match.end
      if (start === word.length) return ids
      match = this.#continuations.longestAt(word, start)
    }
    if (this.#unknown === undefined) throw missingUnknownToken('WordPiece')
    return [this.#unknown]
  }

  #isTooLong(word: string): boolean {
    return word.length > this.#maxChars && Array.from(word).length > this.#maxChars
  }
}
