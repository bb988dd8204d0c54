/** What a model's vocabulary says about a token. */
export interface Vocabulary {
  readonly size: number
  idOf(token: string): number | undefined
}

/** Turns words into ids. */
export interface TokenModel extends Vocabulary {
  /**
   * Appends the ids of one word.
   *
   * @throws {EmbedderError} `model-invalid` if it needs an unknown token and the vocabulary has none.
   */
  tokenize(word: string, ids: number[]): void
}
