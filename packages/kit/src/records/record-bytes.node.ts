import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'

/** Bytes of the checksum in front. */
const HEAD_BYTES = 4

/**
 * Turns a record into the bytes of its file: a checksum, and what structured clones are made of.
 *
 * @throws {Error} If it cannot be cloned.
 */
export function toRecordBytes(value: unknown): Uint8Array {
  const body = serialize(value)
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + body.length)
  bytes.writeUInt32LE(crc32(body))
  body.copy(bytes, HEAD_BYTES)
  return bytes
}

/**
 * Reads a record.
 *
 * @returns It; `undefined` where the bytes are not as they were written, as a power cut may leave them.
 */
export function fromRecordBytes(bytes: Buffer): unknown {
  if (bytes.length < HEAD_BYTES) return undefined
  const body = bytes.subarray(HEAD_BYTES)
  if (crc32(body) !== bytes.readUInt32LE()) return undefined
  return ownBuffers(deserialize(body))
}

/** Node gives views of the file's bytes; records have buffers of their own. */
function ownBuffers(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, ownBuffers(inner)]))
}
