import { expect, it } from 'vitest'
import { compareCodePoints } from './compare-code-points.js'

it('compareCodePoints() compares as Python does', () => {
  const sorted = ['', 'a', 'aa', 'b', '\uFF5E', '\u{1F600}', '\u{1F600}a']
  expect([...sorted].reverse().sort(compareCodePoints)).toEqual(sorted)
  expect(compareCodePoints('abc', 'abc')).toBe(0)
})
