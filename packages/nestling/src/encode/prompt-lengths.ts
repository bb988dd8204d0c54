import type { PoolingChain } from '../model/encoder-spec.js'
import type { Tokenizer } from '../tokenize/tokenizer.js'

/** Counts the tokens of prompts that pooling leaves out. */
export class PromptLengths {
  readonly #includePrompt: boolean
  readonly #tokenizer: Tokenizer
  readonly #counts = new Map<string, number>()

  /**
   * Starts without a count.
   *
   * @param spec - Says whether pooling leaves prompts out.
   */
  constructor(spec: PoolingChain, tokenizer: Tokenizer) {
    this.#includePrompt = spec.pooling.includePrompt
    this.#tokenizer = tokenizer
  }

  /**
   * Gives the leading tokens that pooling leaves out behind a prompt.
   *
   * @param prompt - The prompt, `''` for none.
   * @returns How many.
   * @see `sentence_transformers.base.modules.transformer.Transformer._get_prompt_length`
   */
  of(prompt: string): number {
    if (prompt === '' || this.#includePrompt) return 0
    let count = this.#counts.get(prompt)
    if (count === undefined) {
      count = this.#tokenizer.encode(prompt).ids.length - (this.#tokenizer.hasSuffix ? 1 : 0)
      this.#counts.set(prompt, count)
    }
    return count
  }
}
