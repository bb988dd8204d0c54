import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { digestText, packDigests, unpackDigests } from './text-digest.js'

/** By Node, of the UTF-16 units, big-endian. */
function expectedDigest(text: string): string {
  const bytes = Uint8Array.from({ length: text.length * 2 }, (_, index) => {
    const unit = text.charCodeAt(index >> 1)
    return index % 2 === 0 ? unit >> 8 : unit & 0xff
  })
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}

const hexOf = (digest: string): string => Buffer.from(packDigests([digest])).toString('hex')

describe('digestText()', () => {
  it('is the SHA-256 of the UTF-16 units, at every length around the ends of blocks', () => {
    for (let length = 0; length <= 130; length++) {
      const text = Array.from({ length }, (_, index) => String.fromCharCode(33 + ((index * 7 + length) % 90))).join('')
      expect(hexOf(digestText(text))).toBe(expectedDigest(text))
    }
    for (const text of ['Größe', '河は早く', '🙂 emoji', '\0', 'river '.repeat(20_000)]) {
      expect(hexOf(digestText(text))).toBe(expectedDigest(text))
    }
  })

  it('tells lone surrogates apart, which are one in UTF-8', () => {
    const texts = ['\uD800', '\uD801', '\uDC00', '\uFFFD', '\uD800\uDC00', '\uDC00\uD800']
    expect(new Set(texts.map(digestText)).size).toBe(texts.length)
    for (const text of texts) expect(hexOf(digestText(text))).toBe(expectedDigest(text))
  })

  it('is packed and taken apart again', () => {
    const digests = ['a', 'b', ''].map(digestText)
    expect(packDigests(digests)).toHaveLength(48)
    expect(unpackDigests(packDigests(digests))).toEqual(digests)
  })
})
