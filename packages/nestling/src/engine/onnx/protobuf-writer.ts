/**
 * Protocol Buffers wire types that ONNX needs.
 *
 * @see {@link https://protobuf.dev/programming-guides/encoding/ | encoding}
 */
const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** Writes one protobuf message, field by field. Fields hold `int64`, `float`, strings, bytes and messages; ONNX needs no more. */
export class ProtobufWriter {
  readonly #bytes: number[] = []

  /**
   * Writes an integer field.
   *
   * @param field - Field number.
   * @param value - A safe integer; negative ones take ten bytes, as `int64` does.
   * @returns This writer.
   */
  int(field: number, value: number): this {
    this.#tag(field, VARINT)
    this.#varint(BigInt.asUintN(64, BigInt(value)))
    return this
  }

  /**
   * Writes a repeated integer field, unpacked, which every reader accepts.
   *
   * @param field - Field number.
   * @param values - Safe integers.
   * @returns This writer.
   */
  ints(field: number, values: readonly number[]): this {
    for (const value of values) this.int(field, value)
    return this
  }

  /**
   * Writes a `float` field.
   *
   * @param field - Field number.
   * @param value - Rounded to float32.
   * @returns This writer.
   */
  float(field: number, value: number): this {
    this.#tag(field, FIXED32)
    this.#append(new Uint8Array(Float32Array.of(value).buffer))
    return this
  }

  /**
   * Writes a string field.
   *
   * @param field - Field number.
   * @param value - Text.
   * @returns This writer.
   */
  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  /**
   * Writes a bytes field.
   *
   * @param field - Field number.
   * @returns This writer.
   */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, LENGTH_DELIMITED)
    this.#varint(BigInt(value.byteLength))
    this.#append(value)
    return this
  }

  /**
   * Writes a field that holds a message.
   *
   * @param field - Field number.
   * @param message - The message, complete.
   * @returns This writer.
   */
  message(field: number, message: ProtobufWriter): this {
    return this.bytes(field, message.finish())
  }

  /**
   * Gives what was written.
   *
   * @returns The message's bytes.
   */
  finish(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes)
  }

  #tag(field: number, wireType: number): void {
    this.#varint(BigInt((field << 3) | wireType))
  }

  #varint(value: bigint): void {
    let rest = value
    while (rest > 0x7fn) {
      this.#bytes.push(Number(rest & 0x7fn) | 0x80)
      rest >>= 7n
    }
    this.#bytes.push(Number(rest))
  }

  // Byte by byte: a spread into push() overflows the stack on large values.
  #append(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte)
  }
}
