import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Sha256Stream } from './sha256-stream.js'

/** Node's OpenSSL is the witness. */
function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('Sha256Stream', () => {
  it('gives the digests of FIPS 180-4', () => {
    const stream = new Sha256Stream()
    stream.update(new TextEncoder().encode('abc'))
    expect(stream.finish()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('gives the same for every length up to 200, whole and in pieces', () => {
    for (let length = 0; length <= 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 131 + length) & 255)
      for (const piece of [1, 7, 64, 1000]) {
        const stream = new Sha256Stream()
        for (let start = 0; start < length; start += piece) stream.update(bytes.subarray(start, start + piece))
        expect(stream.finish()).toBe(digestOf(bytes))
      }
    }
  })

  it('hashes a megabyte', () => {
    const bytes = Uint8Array.from({ length: 2 ** 20 + 3 }, (_, index) => (index * index) >>> 5)
    const stream = new Sha256Stream()
    stream.update(bytes)
    expect(stream.finish()).toBe(digestOf(bytes))
  })
})
