import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { show } from './show.js'

class Own {
  readonly field = 1
}

describe('show()', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'a "b"', '"a \\"b\\""'],
    ['a long text', 'x'.repeat(100), `"${'x'.repeat(80)}…"`],
    ['a number', NaN, 'NaN'],
    ['a bigint', 5n, '5n'],
    ['nothing', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['a function', () => 1, 'a function'],
    ['a promise', Promise.resolve(), 'a promise'],
    ['what has a then', { then: () => undefined }, 'a promise'],
    ['a list', [1, [2]], 'a list of 2'],
    ['an object', { a: 1 }, 'an object'],
    ['an object without a prototype', Object.create(null), 'an object'],
    ['an instance of a class', new Own(), 'an Own'],
    ['a date', new Date(0), 'a Date'],
    ['an array of numbers', new Int8Array(4), 'an Int8Array'],
    ['a map of another realm', runInNewContext('new Map()'), 'a Map'],
  ])('shows %s in one line', (_, value, text) => {
    expect(show(value)).toBe(text)
  })
})
