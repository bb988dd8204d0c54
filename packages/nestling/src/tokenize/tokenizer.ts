import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers'
import { EmbedderError } from '../wire/embedder-error.js'
import { adaptTokenizerJson, spaceSupplementaryIdeographs } from './python-parity.js'

/** Ids of one text as the model reads them. */
export interface Encoding {
  /** Special tokens included, cut to the maximum length. */
  readonly ids: Int32Array<ArrayBuffer>
  /** Tokens before anything was cut, special tokens included. */
  readonly tokenCount: number
}

/** What a tokenizer needs to know beside its own files. */
export interface TokenizerOptions {
  /** Most tokens of a text, special tokens included. */
  readonly maxLength: number
  /** Lowercases before everything else, as sentence-transformers' `do_lower_case` does. */
  readonly doLowerCase: boolean
}

/** Turns texts into the ids that Python's tokenizers give, truncated as Python does: special tokens stay. */
export class Tokenizer {
  /** Id that fills a batch; has no influence on vectors. */
  readonly paddingId: number
  readonly #tokenizer: HubTokenizer
  readonly #maxLength: number
  readonly #prepare: (text: string) => string
  readonly #special: { readonly before: readonly number[]; readonly after: readonly number[] }

  /**
   * Builds a tokenizer.
   *
   * @param json - tokenizer.json, parsed.
   * @param config - tokenizer_config.json, parsed.
   * @param options - Length and case.
   * @throws {EmbedderError} `model-unsupported` if the tokenizer library refuses the files.
   */
  constructor(json: unknown, config: unknown, options: TokenizerOptions) {
    const adapted = orUnsupported(() => adaptTokenizerJson(json, options.doLowerCase))
    this.#tokenizer = orUnsupported(() => new HubTokenizer(adapted.json as object, config as object))
    this.#prepare = adapted.splitsIdeographs ? spaceSupplementaryIdeographs : (text) => text
    this.#maxLength = options.maxLength
    this.#special = orUnsupported(() => this.#findSpecial())
    const padding = (config as { pad_token?: unknown } | null)?.pad_token
    this.paddingId = (typeof padding === 'string' ? this.#tokenizer.token_to_id(padding) : undefined) ?? 0
    if (options.maxLength < this.#special.before.length + this.#special.after.length) {
      throw new EmbedderError(
        'model-invalid',
        `Cannot tokenize as max_seq_length must have room for the special tokens: current value is ${options.maxLength}`,
      )
    }
  }

  /** Whether a special token ends each text (`[SEP]`, `</s>`); a prompt's length is counted without it. */
  get hasSuffix(): boolean {
    return this.#special.after.length > 0
  }

  /**
   * Tokenizes one text.
   *
   * @param text - Any string; lone surrogates count as U+FFFD.
   * @returns Its ids and how many there were before truncation.
   */
  encode(text: string): Encoding {
    const { before, after } = this.#special
    const body = this.#tokenizer.encode(this.#prepare(toWellFormed(text)), { add_special_tokens: false }).ids
    const room = this.#maxLength - before.length - after.length
    const kept = Math.min(body.length, room)
    const ids = new Int32Array(before.length + kept + after.length)
    ids.set(before)
    for (let i = 0; i < kept; i++) ids[before.length + i] = body[i] as number
    ids.set(after, before.length + kept)
    return { ids, tokenCount: before.length + body.length + after.length }
  }

  /** Special tokens are found by adding them to nothing and looking where a text would go. */
  #findSpecial(): { before: number[]; after: number[] } {
    const probe = 'a'
    const body = this.#tokenizer.encode(probe, { add_special_tokens: false }).ids
    const whole = this.#tokenizer.encode(probe, { add_special_tokens: true }).ids
    const start = whole.findIndex((_, index) => body.every((id, offset) => whole[index + offset] === id))
    if (start < 0) {
      throw new EmbedderError(
        'model-unsupported',
        'Cannot tokenize as the post-processor changes the tokens of a text',
        {
          details: { path: 'tokenizer.json' },
        },
      )
    }
    return { before: whole.slice(0, start), after: whole.slice(start + body.length) }
  }
}

/** The library checks nothing: on a file of another shape it fails in many ways. */
function orUnsupported<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof EmbedderError) throw cause
    throw new EmbedderError('model-unsupported', 'Cannot load tokenizer.json as the tokenizer library refuses it', {
      cause,
      details: { path: 'tokenizer.json' },
    })
  }
}

/** A lone surrogate has no UTF-8 form, so no tokenizer was trained on one; `String.prototype.toWellFormed` is too new. */
function toWellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD')
}
