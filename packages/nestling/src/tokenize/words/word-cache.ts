/** Words that are remembered, as many as Python's tokenizers remember. */
const MAX_WORDS = 10_000

/** A longer word is not remembered, in UTF-16 units. */
const MAX_LENGTH = 256

/** Remembers the ids of words: texts repeat their words. */
export class WordCache {
  readonly #words = new Map<string, readonly number[]>()

  /**
   * Gives the ids of a word.
   *
   * @param tokenize - Finds its ids where they are not remembered.
   */
  get(word: string, tokenize: () => readonly number[]): readonly number[] {
    const known = this.#words.get(word)
    if (known !== undefined) return known
    const ids = tokenize()
    if (word.length < MAX_LENGTH) {
      if (this.#words.size === MAX_WORDS) this.#words.clear()
      this.#words.set(word, ids)
    }
    return ids
  }
}
