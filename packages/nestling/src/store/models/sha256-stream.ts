import { compress, SHA256_START } from './sha256-compress.js'

const BLOCK_BYTES = 64

/**
 * Computes the SHA-256 of bytes that come in pieces. The browser's own digest wants all of them at once, and a file of a model may be
 * larger than the memory that a page should take.
 *
 * @see {@link https://doi.org/10.6028/NIST.FIPS.180-4 | FIPS 180-4, section 6.2}
 */
export class Sha256Stream {
  readonly #state = Int32Array.from(SHA256_START)
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
    compress(this.#state, w)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
