import type { Vocabulary } from './added-tokens.js'

/** Turns words into ids. */
export interface TokenModel extends Vocabulary {
  /**
   * Appends the ids of one word.
   *
   * @throws {EmbedderError} `model-invalid` if it needs an unknown token and the vocabulary has none.
   */
  tokenize(word: string, ids: number[]): void
}
