/** One tensor to be written. */
export interface PackedTensor {
  readonly name: string
  readonly dtype: 'F32' | 'I8'
  readonly shape: readonly number[]
  /** Row-major, little-endian. */
  readonly bytes: Uint8Array
}

const PREFIX_BYTES = 8
const ALIGNMENT_BYTES = 8

/**
 * Writes a safetensors file.
 *
 * Float32 tensors come first and the header is padded with spaces, so that each may be read in place through a
 * `Float32Array`; inside a dtype names are in code unit order. The `safetensors` library orders a file the same way.
 *
 * @param tensors - In any order; names are unique.
 * @param metadata - Goes into `__metadata__`.
 * @returns The whole file; equal arguments give equal bytes.
 * @see {@link https://github.com/huggingface/safetensors#format | the format}
 */
export function writeSafetensors(
  tensors: readonly PackedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(compareTensors)
  const header: Record<string, unknown> = { __metadata__: metadata }
  let dataBytes = 0
  for (const { name, dtype, shape, bytes } of ordered) {
    header[name] = { dtype, shape, data_offsets: [dataBytes, dataBytes + bytes.byteLength] }
    dataBytes += bytes.byteLength
  }
  const headerBytes = new TextEncoder().encode(JSON.stringify(header))
  const paddedBytes = Math.ceil(headerBytes.byteLength / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
  const file = new Uint8Array(PREFIX_BYTES + paddedBytes + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(paddedBytes), true)
  file.fill(' '.charCodeAt(0), PREFIX_BYTES, PREFIX_BYTES + paddedBytes)
  file.set(headerBytes, PREFIX_BYTES)
  let offset = PREFIX_BYTES + paddedBytes
  for (const { bytes } of ordered) {
    file.set(bytes, offset)
    offset += bytes.byteLength
  }
  return file
}

/** Intentionally not `localeCompare`: the order must not depend on the machine's language. */
function compareTensors(a: PackedTensor, b: PackedTensor): number {
  if (a.dtype !== b.dtype) return a.dtype === 'F32' ? -1 : 1
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}
