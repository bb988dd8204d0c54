import { clusterEnd } from '../chunks/grapheme.js'

/** A longer grapheme cluster is replaced character by character. */
const MAX_CLUSTER_BYTES = 5

/**
 * Replaces characters by SentencePiece's precompiled table: a double-array trie over UTF-8 bytes, then the replacements, each ended by NUL.
 *
 * Python's tokenizers look each grapheme cluster of up to five bytes up as a whole and take the shortest entry it starts with; the rest of
 * the cluster goes. Only clusters without an entry, and longer ones, are looked up character by character.
 *
 * @see `spm_precompiled/src/lib.rs`, `tokenizers/src/normalizers/precompiled.rs`
 */
export class Charsmap {
  readonly #units: Uint32Array
  readonly #replacements: Uint8Array
  readonly #decoded = new Map<number, string>()
  readonly #bytes = new Uint8Array(4 * MAX_CLUSTER_BYTES)
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  /** Whether an ASCII character alone has no replacement. */
  readonly #isPlain: readonly boolean[]

  /**
   * Parses a table.
   *
   * @param base64 - `precompiled_charsmap` of tokenizer.json.
   */
  constructor(base64: string) {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
    const view = new DataView(bytes.buffer)
    const trieBytes = view.getUint32(0, true)
    this.#units = Uint32Array.from({ length: trieBytes >>> 2 }, (_, index) => view.getUint32(4 + 4 * index, true))
    this.#replacements = bytes.subarray(4 + 4 * this.#units.length)
    this.#isPlain = Array.from({ length: 0x80 }, (_, code) => this.#find(String.fromCharCode(code)) === undefined)
  }

  /**
   * Replaces what the table has.
   *
   * @returns The text with replacements.
   */
  normalize(text: string): string {
    let result = ''
    let copied = 0
    for (let start = 0, end = 0; start < text.length; start = end) {
      end = clusterEnd(text, start)
      if (end === start + 1 && this.#isPlain[text.charCodeAt(start)] === true) continue
      const cluster = text.slice(start, end)
      const replacement = this.#find(cluster) ?? this.#byCharacter(cluster)
      if (replacement === cluster) continue
      result += text.slice(copied, start) + replacement
      copied = end
    }
    return result + text.slice(copied)
  }

  #byCharacter(cluster: string): string {
    let result = ''
    for (const char of cluster) result += this.#find(char) ?? char
    return result
  }

  #find(chunk: string): string | undefined {
    const length = this.#encode(chunk)
    if (length > MAX_CLUSTER_BYTES) return undefined
    const units = this.#units
    let node = offsetOf(units[0] ?? 0)
    for (let i = 0; i < length; i++) {
      const byte = this.#bytes[i] as number
      if (byte === 0) return undefined
      node ^= byte
      const unit = units[node] ?? 0
      // A unit of a value has its top bit set, so that it is nobody's label.
      if ((unit & 0x800000ff) !== byte) return undefined
      node ^= offsetOf(unit)
      if ((unit & 0x100) !== 0) return this.#replacementAt((units[node] ?? 0) & 0x7fffffff)
    }
    return undefined
  }

  #replacementAt(index: number): string {
    let text = this.#decoded.get(index)
    if (text === undefined) {
      const end = this.#replacements.indexOf(0, index)
      text = this.#decoder.decode(this.#replacements.subarray(index, end < 0 ? undefined : end))
      this.#decoded.set(index, text)
    }
    return text
  }

  /** Writes UTF-8 by hand: `TextEncoder` costs more than the search. Stops where the chunk is too long anyway. */
  #encode(chunk: string): number {
    const bytes = this.#bytes
    let length = 0
    for (let i = 0; i < chunk.length && length <= MAX_CLUSTER_BYTES; i++) {
      const code = chunk.codePointAt(i) as number
      if (code < 0x80) {
        bytes[length++] = code
      } else if (code < 0x800) {
        bytes[length++] = 0xc0 | (code >> 6)
        bytes[length++] = 0x80 | (code & 0x3f)
      } else if (code < 0x10000) {
        bytes[length++] = 0xe0 | (code >> 12)
        bytes[length++] = 0x80 | ((code >> 6) & 0x3f)
        bytes[length++] = 0x80 | (code & 0x3f)
      } else {
        bytes[length++] = 0xf0 | (code >> 18)
        bytes[length++] = 0x80 | ((code >> 12) & 0x3f)
        bytes[length++] = 0x80 | ((code >> 6) & 0x3f)
        bytes[length++] = 0x80 | (code & 0x3f)
        i++
      }
    }
    return length
  }
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6)
}
