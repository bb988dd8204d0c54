import { missingUnknownToken } from './tokenizer-json.js'
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
  readonly #starts: ReadonlyMap<string, number>
  /** Tokens inside a word, without their prefix. */
  readonly #continuations = new Map<string, number>()
  readonly #unknown: number | undefined
  readonly #maxChars: number
  readonly #cache = new WordCache()
  /** No token is longer, in UTF-16 units. */
  #maxLength = 0

  /**
   * Reads the vocabulary.
   *
   * @param json - The model.
   */
  constructor(json: WordPieceJson) {
    this.#starts = new Map(Object.entries(json.vocab))
    const prefix = json.continuing_subword_prefix
    for (const [token, id] of this.#starts) {
      this.#maxLength = Math.max(this.#maxLength, token.length)
      if (token.startsWith(prefix)) this.#continuations.set(token.slice(prefix.length), id)
    }
    this.#unknown = this.#starts.get(json.unk_token)
    this.#maxChars = json.max_input_chars_per_word
  }

  /** {@inheritDoc Vocabulary.size} */
  get size(): number {
    return this.#starts.size
  }

  /** {@inheritDoc Vocabulary.idOf} */
  idOf(token: string): number | undefined {
    return this.#starts.get(token)
  }

  /** {@inheritDoc TokenModel.tokenize} */
  tokenize(word: string, ids: number[]): void {
    for (const id of this.#cache.get(word, () => this.#split(word))) ids.push(id)
  }

  #split(word: string): number[] {
    const ids: number[] = []
    let start = this.#isTooLong(word) ? -1 : 0
    while (start >= 0 && start < word.length) {
      const tokens = start === 0 ? this.#starts : this.#continuations
      let end = Math.min(word.length, start + this.#maxLength)
      let id = tokens.get(word.slice(start, end))
      while (id === undefined && end > start + 1) id = tokens.get(word.slice(start, --end))
      if (id !== undefined) ids.push(id)
      start = id === undefined ? -1 : end
    }
    if (start >= 0) return ids
    if (this.#unknown === undefined) throw missingUnknownToken('WordPiece')
    return [this.#unknown]
  }

  #isTooLong(word: string): boolean {
    return word.length > this.#maxChars && Array.from(word).length > this.#maxChars
  }
}
