import { compilePattern } from './normalize/pattern.js'
import { createSplit, type Split } from './split.js'

/** Options of the `ByteLevel` pre-tokenizer. */
export interface ByteLevelJson {
  readonly add_prefix_space?: boolean
  readonly use_regex?: boolean
}

/** GPT-2's words. */
const WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

/** Bytes that stand for themselves; the others follow from U+0100 on, in order. */
const PRINTABLE = /^[!-~]*$/
const CHARS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte)
  .map((byte) => ((byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad) ? byte : -1))
  .reduce<string[]>((chars, byte) => {
    const others = chars.filter((char) => char.charCodeAt(0) >= 0x100).length
    return [...chars, String.fromCharCode(byte < 0 ? 0x100 + others : byte)]
  }, [])

const encoder = new TextEncoder()

/**
 * Writes the UTF-8 bytes of a text as one printable character each.
 *
 * @returns As many characters as it has bytes.
 * @see `bytes_char` in `tokenizers/src/pre_tokenizers/byte_level.rs`
 */
export function toByteChars(text: string): string {
  if (PRINTABLE.test(text)) return text
  let chars = ''
  for (const byte of encoder.encode(text)) chars += CHARS[byte] as string
  return chars
}

/**
 * Makes the pre-tokenizer of GPT-2: splits into words, writes them in bytes.
 *
 * @param json - Its options.
 * @returns A function from a text to its words.
 */
export function createByteLevel(json: ByteLevelJson): Split {
  const addsSpace = json.add_prefix_space ?? true
  const split = json.use_regex === false ? undefined : createSplit(compilePattern({ Regex: WORDS }), 'Isolated')
  return (text) => {
    const spaced = addsSpace && !text.startsWith(' ') ? ` ${text}` : text
    return (split?.(spaced) ?? [spaced]).map(toByteChars)
  }
}
