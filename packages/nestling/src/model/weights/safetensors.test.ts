import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { readSafetensorsHeader } from './safetensors.js'

/** Writes a file from a header of any kind, and so many bytes of data. */
function fileOf(header: unknown, dataBytes: number, claimedBytes?: bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.byteLength + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, claimedBytes ?? BigInt(json.byteLength), true)
  bytes.set(json, 8)
  return bytes
}

const tensor = (start: number, end: number, shape = [(end - start) / 4], dtype = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: [start, end],
})

function codeOf(bytes: Uint8Array): unknown {
  try {
    readSafetensorsHeader(bytes, 'model.safetensors')
  } catch (error) {
    return isEmbedderError(error) ? error.code : error
  }
  return 'read'
}

describe('readSafetensorsHeader()', () => {
  it('gives dtype, shape and offset from the start of the file', () => {
    const header = { __metadata__: { format: 'pt' }, a: tensor(0, 24, [2, 3]), b: tensor(24, 26, [2], 'I8') }
    const json = JSON.stringify(header).length
    const { tensors, metadata } = readSafetensorsHeader(fileOf(header, 26), 'x')
    expect(metadata).toEqual({ format: 'pt' })
    expect(tensors.get('a')).toEqual({ dtype: 'F32', shape: [2, 3], offset: 8 + json, byteLength: 24 })
    expect(tensors.get('b')).toEqual({ dtype: 'I8', shape: [2], offset: 8 + json + 24, byteLength: 2 })
  })

  it('accepts scalars, empty tensors and any order', () => {
    expect(codeOf(fileOf({ b: tensor(4, 8), a: tensor(0, 4, []), c: tensor(4, 4, [0]) }, 8))).toBe('read')
  })

  it.each([
    ['shorter than its prefix', new Uint8Array(7)],
    ['a header of 2^64 - 1 bytes', fileOf({}, 0, 2n ** 64n - 1n)],
    ['a header of 4 GiB', fileOf({}, 0, 2n ** 32n)],
    ['a header longer than the file', fileOf({}, 0, 3n)],
    ['a header that is not JSON', fileOf('{"a":', 0)],
    ['a header that is not UTF-8', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff)],
    ['a header that is a list', fileOf([], 0)],
    ['a tensor that is no object', fileOf({ a: 1 }, 0)],
    ['an unknown dtype', fileOf({ a: tensor(0, 4, [1], 'Q4') }, 4)],
    ['a dtype from Object.prototype', fileOf({ a: tensor(0, 4, [1], 'toString') }, 4)],
    ['a negative length', fileOf({ a: tensor(0, 4, [-1]) }, 4)],
    ['a fractional length', fileOf({ a: tensor(0, 4, [0.5]) }, 4)],
    ['a length beyond safe integers', fileOf({ a: tensor(0, 4, [2 ** 53]) }, 4)],
    ['a product beyond the data', fileOf({ a: tensor(0, 4, [2 ** 30, 2 ** 30]) }, 4)],
    ['offsets that run backwards', fileOf({ a: tensor(4, 0, [0]) }, 4)],
    ['offsets beyond the file', fileOf({ a: tensor(0, 8, [2]) }, 4)],
    ['one offset', fileOf({ a: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4)],
    ['a size that does not fit the shape', fileOf({ a: tensor(0, 8, [1]) }, 8)],
    ['tensors that overlap', fileOf({ a: tensor(0, 8), b: tensor(4, 12) }, 12)],
    ['a hole between tensors', fileOf({ a: tensor(0, 4), b: tensor(8, 12) }, 12)],
    ['bytes behind the last tensor', fileOf({ a: tensor(0, 4) }, 5)],
    ['metadata that is no object', fileOf({ __metadata__: 3 }, 0)],
  ])('refuses %s', (_, bytes) => {
    expect(codeOf(bytes)).toBe('model-invalid')
  })

  it('never throws anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['read', 'model-invalid']).toContain(codeOf(bytes))
      }),
    )
    fc.assert(
      fc.property(fc.json(), fc.nat(64), (json, dataBytes) => {
        expect(['read', 'model-invalid']).toContain(codeOf(fileOf(json, dataBytes)))
      }),
    )
  })
})
