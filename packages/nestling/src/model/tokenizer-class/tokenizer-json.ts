/** A part of tokenizer.json, or an option of one. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** An entry of `added_tokens`. What is left out is false; `normalized` then is the opposite of `special`. */
export interface AddedToken {
  readonly content: string
  readonly single_word?: boolean | undefined
  readonly lstrip?: boolean | undefined
  readonly rstrip?: boolean | undefined
  readonly normalized?: boolean | undefined
  readonly special?: boolean | undefined
  /** Whether it counts as text wherever it stands in one: `split_special_tokens` of tokenizer_config.json. */
  readonly is_text?: boolean | undefined
}

/** What Python replaces in tokenizer.json: parts as they are written there; of the model, options without the vocabulary. */
export interface TokenizerPatch {
  readonly normalizer?: Json
  readonly pre_tokenizer?: Json
  readonly post_processor?: Json
  readonly added_tokens?: readonly AddedToken[]
  readonly model?: Readonly<Record<string, Json>>
}

/**
 * Puts a patch into tokenizer.json.
 *
 * @param json - tokenizer.json, parsed.
 * @param patch - What to replace.
 * @returns tokenizer.json as Python's tokenizer is.
 */
export function applyPatch(
  json: Readonly<Record<string, unknown>>,
  patch: TokenizerPatch | undefined,
): Readonly<Record<string, unknown>> {
  if (patch === undefined) return json
  return { ...json, ...patch, ...(patch.model && { model: { ...(json['model'] as object), ...patch.model } }) }
}
