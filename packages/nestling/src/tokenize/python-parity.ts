/** tokenizer.json, changed where `@huggingface/tokenizers` would not do what Python's tokenizers do. */
export interface AdaptedTokenizer {
  readonly json: unknown
  /** Whether the normalizer puts spaces around CJK ideographs. */
  readonly splitsIdeographs: boolean
}

/**
 * Prepares tokenizer.json for the tokenizer library.
 *
 * @param json - tokenizer.json, parsed; not changed.
 * @param doLowerCase - Puts a `Lowercase` normalizer in front, as sentence-transformers does.
 * @returns What to give the library, and which differences are left to us.
 * @see `sentence_transformers.base.modules.transformer.Transformer.__init__`
 */
export function adaptTokenizerJson(json: unknown, doLowerCase: boolean): AdaptedTokenizer {
  const tokenizer = json as { normalizer?: Normalizer | null }
  const own = tokenizer.normalizer ?? undefined
  const normalizers = [...(doLowerCase ? [{ type: 'Lowercase' }] : []), ...(own === undefined ? [] : [own])]
  const normalizer = doLowerCase ? { type: 'Sequence', normalizers } : (own ?? null)
  return { json: { ...tokenizer, normalizer }, splitsIdeographs: splitsIdeographs(own) }
}

interface Normalizer {
  readonly type: string
  readonly handle_chinese_chars?: boolean
  readonly normalizers?: readonly Normalizer[]
}

function splitsIdeographs(normalizer: Normalizer | undefined): boolean {
  if (normalizer === undefined) return false
  if (normalizer.type === 'Sequence') return normalizer.normalizers?.some(splitsIdeographs) ?? false
  return normalizer.type === 'BertNormalizer' && normalizer.handle_chinese_chars !== false
}

/**
 * Ideographs beyond the basic plane that BertNormalizer treats as words of their own.
 *
 * @see `tokenizers/src/normalizers/bert.rs`
 */
const SUPPLEMENTARY_IDEOGRAPHS =
  /[\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu

/**
 * Puts spaces around supplementary-plane ideographs, which the library misses because it looks at UTF-16 units one by one.
 *
 * @param text - A text.
 * @returns The text, in which the library then splits those ideographs as Python does.
 */
export function spaceSupplementaryIdeographs(text: string): string {
  return text.replace(SUPPLEMENTARY_IDEOGRAPHS, ' $& ')
}
