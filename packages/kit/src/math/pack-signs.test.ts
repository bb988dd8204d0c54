import { expect, it } from 'vitest'
import { packSigns } from './pack-signs.js'

it('packSigns() has a bit for each component above 0, the first one highest, and zeros behind them', () => {
  const bytes = new Uint8Array(3).fill(255)
  packSigns([1, -1, 0, 0.5, -0, NaN, Infinity, -Infinity, 2, -3, 1e-45], bytes)
  expect(Array.from(bytes)).toEqual([0b1001_0010, 0b1010_0000, 0])
})
