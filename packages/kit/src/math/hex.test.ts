import { expect, it } from 'vitest'
import { toHex } from './hex.js'

it('toHex() writes two digits a byte', () => {
  expect(toHex(Uint8Array.of(0, 1, 0xab, 255))).toBe('0001abff')
})
