/** Writes numbers from 0 to 2 ** 32 - 1, seven bits a byte, the lowest first. */
export class VarintWriter {
  #bytes = new Uint8Array(1024)
  #length = 0

  write(value: number): void {
    if (this.#length + 5 > this.#bytes.length) this.#grow(this.#length + 5)
    let left = value
    for (; left > 127; left >>>= 7) this.#bytes[this.#length++] = (left & 127) | 128
    this.#bytes[this.#length++] = left
  }

  /** Writes bytes as they are. */
  writeBytes(bytes: Uint8Array): void {
    this.#grow(this.#length + bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** All that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(length: number): void {
    if (length <= this.#bytes.length) return
    const longer = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
    longer.set(this.#bytes)
    this.#bytes = longer
  }
}

/** Reads what {@link VarintWriter} wrote. */
export class VarintReader {
  readonly #bytes: Uint8Array
  #place = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether all was read. */
  get isAtEnd(): boolean {
    return this.#place === this.#bytes.length
  }

  /** @throws {RangeError} Behind the end. */
  read(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#place++]
      if (byte === undefined || shift > 28) throw new RangeError('There is no number to read')
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
  }

  /** @throws {RangeError} If there are fewer. */
  readBytes(length: number): Uint8Array {
    const start = this.#place
    if (start + length > this.#bytes.length) throw new RangeError('There are fewer bytes')
    this.#place += length
    return this.#bytes.subarray(start, this.#place)
  }
}
