import { unknownPart } from './tokenizer-json.js'

/** Options of the `Metaspace` pre-tokenizer. */
export interface MetaspaceJson {
  readonly replacement: string
  readonly prepend_scheme?: string
  readonly add_prefix_space?: boolean
  readonly split?: boolean
}

const SCHEMES: readonly string[] = ['always', 'first', 'never']

/**
 * Makes SentencePiece's pre-tokenizer: spaces become a visible character, and each piece starts with it.
 *
 * @param json - Its options.
 * @throws {EmbedderError} `model-unsupported` if its `prepend_scheme` is not known.
 * @see `tokenizers/src/pre_tokenizers/metaspace.rs`
 */
export function createMetaspace(json: MetaspaceJson): (text: string, startLength: number) => string[] {
  const { replacement } = json
  const scheme = json.add_prefix_space === false ? 'never' : (json.prepend_scheme ?? 'always')
  if (!SCHEMES.includes(scheme)) throw unknownPart('prepend_scheme', scheme)
  const char = `\\u{${(replacement.codePointAt(0) ?? 0).toString(16)}}`
  // A replacement goes with what follows it; of several, the last.
  const pieces = new RegExp(`${char}?[^${char}]+|${char}`, 'gu')
  return (text, startLength) => {
    const spaced = text.replaceAll(' ', replacement)
    const prepends = scheme === 'always' || (scheme === 'first' && startLength > 0)
    const whole = prepends && !spaced.startsWith(replacement) ? replacement + spaced : spaced
    return json.split === false ? [whole] : (whole.match(pieces) ?? [])
  }
}
