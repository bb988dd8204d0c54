/** One tensor of a safetensors file. */
export interface TestTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>

/**
 * Takes a safetensors file apart, without any check.
 *
 * @returns Its tensors by name.
 */
export function readTensors(file: Uint8Array): Map<string, TestTensor> {
  const start = 8 + new DataView(file.buffer, file.byteOffset).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start))) as Header
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  return new Map(
    entries.map(([name, { dtype, shape, data_offsets: offsets }]) => {
      return [name, { dtype, shape, bytes: file.subarray(start + offsets[0], start + offsets[1]) }]
    }),
  )
}

/**
 * Puts a safetensors file together.
 *
 * @param tensors - Tensors by name, in the order of their bytes.
 */
export function writeTensors(tensors: ReadonlyMap<string, TestTensor>): Uint8Array<ArrayBuffer> {
  const header: Header = {}
  let end = 0
  for (const [name, { dtype, shape, bytes }] of tensors) {
    header[name] = { dtype, shape: [...shape], data_offsets: [end, (end += bytes.byteLength)] }
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(json.byteLength / 8) * 8
  const file = new Uint8Array(start + end).fill(0x20, 8, start)
  new DataView(file.buffer).setUint32(0, start - 8, true)
  file.set(json, 8)
  for (const [name, { bytes }] of tensors) file.set(bytes, start + (header[name]?.data_offsets[0] ?? 0))
  return file
}
