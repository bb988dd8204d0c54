import { EmbedderError } from '../../wire/embedder-error.js'
import { JsonError, parsePythonJson } from '../configs/python-json.js'

/** Where one tensor lies in a safetensors file. */
export interface TensorInfo {
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly byteLength: number
}

/** The parsed header of one safetensors file. */
export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, TensorInfo>
  readonly metadata: Readonly<Record<string, string>>
}

/** Bits of each dtype that the format knows. */
const DTYPE_BITS = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
} as const

/** A dtype of the safetensors format. */
export type SafetensorsDtype = keyof typeof DTYPE_BITS

/** The format's own limit for its header; a hostile file could claim 2^64 bytes. */
const MAX_HEADER_BYTES = 100_000_000
const PREFIX_BYTES = 8

/**
 * Reads and checks the header of a safetensors file.
 *
 * Checked: the header's length, its JSON, each dtype, shape and range, that ranges do not overlap or leave holes, and that
 * they end where the file ends.
 *
 * @param bytes - The whole file.
 * @param path - Its path, for messages.
 * @returns Tensors by name, with offsets from the start of the file.
 * @throws {EmbedderError} `model-invalid` if any check fails.
 * @see {@link https://github.com/huggingface/safetensors#format | the format}
 */
export function readSafetensorsHeader(bytes: Uint8Array, path: string): SafetensorsHeader {
  const fail = (reason: string): EmbedderError => invalid(path, reason)
  if (bytes.byteLength < PREFIX_BYTES) throw fail(`it has ${bytes.byteLength} bytes and needs at least ${PREFIX_BYTES}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = view.getBigUint64(0, true)
  if (headerBytes > BigInt(MAX_HEADER_BYTES) || Number(headerBytes) > bytes.byteLength - PREFIX_BYTES) {
    throw fail(`its header claims ${headerBytes} bytes and the file has ${bytes.byteLength}`)
  }
  const data: DataRange = { start: PREFIX_BYTES + Number(headerBytes), end: bytes.byteLength }
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, data.start), fail)
  const tensors = new Map<string, TensorInfo>()
  let metadata: Record<string, string> = {}
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') metadata = readMetadata(entry, fail)
    else tensors.set(name, readTensor(name, entry, data, fail))
  }
  checkCoverage(tensors, data, fail)
  return { tensors, metadata }
}

/**
 * Finds out how long a file is from its first bytes: its header says it, also where the server does not or counts compressed bytes.
 *
 * @param start - The file so far.
 * @returns Its bytes; `undefined` while the header is not here, `NaN` where it does not say.
 */
export function safetensorsBytes(start: Uint8Array): number | undefined {
  if (start.byteLength < PREFIX_BYTES) return undefined
  const headerBytes = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true)
  if (headerBytes > BigInt(MAX_HEADER_BYTES)) return NaN
  const dataStart = PREFIX_BYTES + Number(headerBytes)
  if (start.byteLength < dataStart) return undefined
  try {
    const header = parseHeader(start.subarray(PREFIX_BYTES, dataStart), (reason) => invalid('', reason))
    return Object.values(header).reduce((end: number, entry) => Math.max(end, dataStart + endOf(entry)), dataStart)
  } catch {
    return NaN
  }
}

/** Where the bytes of an entry of the header end; 0 for `__metadata__`. */
function endOf(entry: unknown): number {
  const offsets = isRecord(entry) ? entry['data_offsets'] : undefined
  return isCounts(offsets) ? (offsets[1] ?? 0) : 0
}

type Fail = (reason: string) => EmbedderError

/** Where the tensors' bytes lie in the file. */
interface DataRange {
  readonly start: number
  readonly end: number
}

function invalid(path: string, reason: string): EmbedderError {
  return new EmbedderError(
    'model-invalid',
    `Cannot read ${path} as it is not a valid safetensors file: ${reason}\nDownload or export the file again`,
    { details: { path } },
  )
}

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown
  try {
    header = parsePythonJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw fail(error instanceof JsonError ? `its header is not JSON: ${error.message}` : 'its header is not UTF-8')
  }
  if (!isRecord(header)) throw fail('its header is not a JSON object')
  return header
}

function readMetadata(entry: unknown, fail: Fail): Record<string, string> {
  if (!isRecord(entry)) throw fail('__metadata__ is not an object')
  const texts = Object.entries(entry).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
  return Object.fromEntries(texts)
}

function readTensor(name: string, entry: unknown, data: DataRange, fail: Fail): TensorInfo {
  if (!isRecord(entry)) throw fail(`tensor ${name} is not an object`)
  const { dtype, shape, data_offsets: offsets } = entry
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BITS, dtype)) {
    throw fail(`tensor ${name} has the unknown dtype ${String(dtype)}`)
  }
  if (!isCounts(shape)) throw fail(`tensor ${name} has the shape ${JSON.stringify(shape)}`)
  if (!isCounts(offsets) || offsets.length !== 2)
    throw fail(`tensor ${name} has the offsets ${JSON.stringify(offsets)}`)
  const [start, end] = offsets as [number, number]
  if (end < start || data.start + end > data.end) {
    throw fail(`tensor ${name} lies at ${start} to ${end} and the data has ${data.end - data.start} bytes`)
  }
  const known = dtype as SafetensorsDtype
  const byteLength = (shape.reduce((product, length) => product * length, 1) * DTYPE_BITS[known]) / 8
  if (byteLength !== end - start) {
    throw fail(`tensor ${name} of ${dtype} [${shape.join(', ')}] needs ${byteLength} bytes and has ${end - start}`)
  }
  return { dtype: known, shape, offset: data.start + start, byteLength }
}

function checkCoverage(tensors: ReadonlyMap<string, TensorInfo>, data: DataRange, fail: Fail): void {
  const ranges = [...tensors.entries()].sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength)
  let position = data.start
  for (const [name, tensor] of ranges) {
    if (tensor.offset < position) throw fail(`tensor ${name} overlaps the one before it`)
    if (tensor.offset > position)
      throw fail(`${tensor.offset - position} bytes before tensor ${name} belong to no tensor`)
    position = tensor.offset + tensor.byteLength
  }
  if (position !== data.end) throw fail(`its tensors end at ${position} and the file at ${data.end}`)
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
