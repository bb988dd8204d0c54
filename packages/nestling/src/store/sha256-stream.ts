/** Rounds of the compression function: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = fractions((prime) => Math.cbrt(prime), 64)

/** The same of the square roots of the first 8 primes. */
const INITIAL_STATE = fractions((prime) => Math.sqrt(prime), 8)

const BLOCK_BYTES = 64

/**
 * Computes the SHA-256 of bytes that come in pieces. The browser's own digest wants all of them at once, and a file of a model may be
 * larger than the memory that a page should take.
 *
 * @see {@link https://doi.org/10.6028/NIST.FIPS.180-4 | FIPS 180-4, section 6.2}
 */
export class Sha256Stream {
  readonly #state = INITIAL_STATE.slice()
  readonly #schedule = new Int32Array(64)
  readonly #rest = new Uint8Array(BLOCK_BYTES)
  #restBytes = 0
  #totalBytes = 0

  /**
   * Adds bytes.
   *
   * @param bytes - The next ones.
   */
  update(bytes: Uint8Array): void {
    this.#totalBytes += bytes.byteLength
    let offset = 0
    if (this.#restBytes > 0) {
      offset = Math.min(BLOCK_BYTES - this.#restBytes, bytes.byteLength)
      this.#rest.set(bytes.subarray(0, offset), this.#restBytes)
      this.#restBytes += offset
      if (this.#restBytes < BLOCK_BYTES) return
      this.#addBlock(viewOf(this.#rest), 0)
      this.#restBytes = 0
    }
    const view = viewOf(bytes)
    for (; offset + BLOCK_BYTES <= bytes.byteLength; offset += BLOCK_BYTES) this.#addBlock(view, offset)
    this.#rest.set(bytes.subarray(offset))
    this.#restBytes = bytes.byteLength - offset
  }

  /**
   * Ends it.
   *
   * @returns The digest of all bytes, in hex.
   */
  finish(): string {
    const padding = new Uint8Array(BLOCK_BYTES * 2)
    padding[0] = 0x80
    const used = this.#restBytes < BLOCK_BYTES - 8 ? BLOCK_BYTES - this.#restBytes : BLOCK_BYTES * 2 - this.#restBytes
    viewOf(padding).setBigUint64(used - 8, BigInt(this.#totalBytes) * 8n)
    this.update(padding.subarray(0, used))
    return [...this.#state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #addBlock(view: DataView, offset: number): void {
    const w = this.#schedule
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(offset + t * 4)
    for (let t = 16; t < 64; t++) {
      w[t] = smallSigma(at(w, t - 2), 17, 19, 10) + at(w, t - 7) + smallSigma(at(w, t - 15), 7, 18, 3) + at(w, t - 16)
    }
    compress(this.#state, w)
  }
}

function compress(state: Int32Array, w: Int32Array): void {
  let a = at(state, 0)
  let b = at(state, 1)
  let c = at(state, 2)
  let d = at(state, 3)
  let e = at(state, 4)
  let f = at(state, 5)
  let g = at(state, 6)
  let h = at(state, 7)
  for (let t = 0; t < 64; t++) {
    const first = (h + bigSigma(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + at(ROUND_CONSTANTS, t) + at(w, t)) | 0
    const second = (bigSigma(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  state[0] = at(state, 0) + a
  state[1] = at(state, 1) + b
  state[2] = at(state, 2) + c
  state[3] = at(state, 3) + d
  state[4] = at(state, 4) + e
  state[5] = at(state, 5) + f
  state[6] = at(state, 6) + g
  state[7] = at(state, 7) + h
}

function at(words: Int32Array, index: number): number {
  return words[index] as number
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function bigSigma(word: number, first: number, second: number, third: number): number {
  return rotate(word, first) ^ rotate(word, second) ^ rotate(word, third)
}

function smallSigma(word: number, first: number, second: number, shift: number): number {
  return rotate(word, first) ^ rotate(word, second) ^ (word >>> shift)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function fractions(root: (prime: number) => number, count: number): Int32Array {
  const words: number[] = []
  for (let candidate = 2; words.length < count; candidate++) {
    if (isPrime(candidate)) words.push(Math.floor((root(candidate) % 1) * 2 ** 32) | 0)
  }
  return Int32Array.from(words)
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) if (value % divisor === 0) return false
  return true
}
