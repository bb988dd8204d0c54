import { EmbedderError } from '../wire/embedder-error.js'

/** One part of tokenizer.json: a normalizer, a pre-tokenizer, a model or a post-processor. */
export interface PartJson {
  readonly type: string
}

/** An entry of `added_tokens`. */
export interface AddedTokenJson {
  readonly content: string
  readonly single_word?: boolean
  readonly lstrip?: boolean
  readonly rstrip?: boolean
  readonly normalized?: boolean
  readonly special?: boolean
  /** Whether it counts as text wherever it stands in one. */
  readonly is_text?: boolean
}

/** tokenizer.json as far as encoding needs it. */
export interface TokenizerJson {
  readonly added_tokens?: readonly AddedTokenJson[]
  readonly normalizer?: PartJson | null
  readonly pre_tokenizer?: PartJson | null
  readonly post_processor?: PartJson | null
  readonly model: PartJson
  readonly truncation?: { readonly direction?: string } | null
  readonly padding?: { readonly direction?: string; readonly pad_id?: number } | null
}

/** What a `Split` or a `Replace` looks for. */
export type PatternJson = { readonly String: string } | { readonly Regex: string }

/**
 * Makes the error for a part that this library does not know.
 *
 * @param part - Which part, such as `normalizer`.
 * @param type - Its type or value in the file.
 * @returns The error, to be thrown.
 */
export function unknownPart(part: string, type: string): EmbedderError {
  return new EmbedderError(
    'model-unsupported',
    `Cannot load tokenizer.json as its ${part} must be one that this library knows: current value is ${type}`,
    { details: { path: 'tokenizer.json', part, type } },
  )
}

/**
 * Makes the error for a text that needs an unknown token where the vocabulary has none; Python fails on such a text as well.
 *
 * @param model - Type of the model in tokenizer.json.
 * @returns The error, to be thrown.
 */
export function missingUnknownToken(model: string): EmbedderError {
  return new EmbedderError(
    'model-invalid',
    `Cannot tokenize as tokenizer.json must name an unknown token that is in the vocabulary of its ${model} model`,
    { details: { path: 'tokenizer.json', part: 'model', type: model } },
  )
}
