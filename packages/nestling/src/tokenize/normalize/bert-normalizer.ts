import { toNormalForm } from './normal-form.js'
import { unicodeClass } from './unicode-sets.js'
import { toLowerCase } from './lower-case.js'

/** Options of BertNormalizer in tokenizer.json. */
export interface BertNormalizerJson {
  readonly clean_text?: boolean
  readonly handle_chinese_chars?: boolean
  readonly strip_accents?: boolean | null
  readonly lowercase?: boolean
}

/** Nothing but lowercasing changes these. */
const PLAIN = /^[ -~]*$/

/**
 * Ideographs that become words of their own. The gap before U+2B920 is Python's: U+2B820 to U+2B91F are not split.
 *
 * @see `tokenizers/src/normalizers/bert.rs`
 */
const IDEOGRAPH =
  /[\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{2F800}-\u{2FA1F}]/gu

/** Tabs and line ends are spaces; other controls were removed before. */
const SPACE = /\p{White_Space}/gu

/**
 * Makes the normalizer of BERT: control characters go, ideographs get spaces around them, accents go, letters become small.
 *
 * @param json - Its options.
 * @returns A function from text to text.
 * @see `tokenizers/src/normalizers/bert.rs`
 */
export function createBertNormalizer(json: BertNormalizerJson): (text: string) => string {
  const cleans = json.clean_text ?? true
  const spacesIdeographs = json.handle_chinese_chars ?? true
  const lowercases = json.lowercase ?? true
  const stripsAccents = json.strip_accents ?? lowercases
  const removed = new RegExp(`[${unicodeClass('removed')}]`, 'gu')
  const accents = new RegExp(`[${unicodeClass('accent')}]`, 'gu')
  return (text) => {
    let normalized = text
    if (!PLAIN.test(text)) {
      if (cleans) normalized = normalized.replace(removed, '').replace(SPACE, ' ')
      if (spacesIdeographs) normalized = normalized.replace(IDEOGRAPH, ' $& ')
      if (stripsAccents) normalized = toNormalForm(normalized, 'NFD').replace(accents, '')
    }
    return lowercases ? toLowerCase(normalized) : normalized
  }
}
