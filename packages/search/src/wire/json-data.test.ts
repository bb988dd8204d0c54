import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyJson, MAX_JSON_DEPTH, toJson } from './json-data.js'
import type { MetadataValue } from './protocol.js'

const copy = (value: unknown): MetadataValue => copyJson('add documents', 'documents[3].metadata', value)

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = { a: value }
  return value
}

const cycle: Record<string, unknown> = { name: 'cycle' }
cycle['self'] = { back: [cycle] }
const holed: unknown[] = ['a', 'b', 'c']
Reflect.deleteProperty(holed, 1)

class Point {
  readonly x = 1
}

/** What JSON has no word for, the place of it, and how it is shown. */
const REFUSED: readonly (readonly [string, unknown, string, string])[] = [
  ['a bigint in a list', { tags: ['a', 2n] }, '.tags[1]', '2n'],
  ['a date', { when: new Date(0) }, '.when', 'a Date'],
  ['a map', { a: { b: new Map([[1, 2]]) } }, '.a.b', 'a Map'],
  ['a set', { a: new Set() }, '.a', 'a Set'],
  ['NaN', { 'a key': NaN }, '["a key"]', 'NaN'],
  ['Infinity', [1, [2, -Infinity]], '[1][1]', '-Infinity'],
  ['a function', { a: () => 1 }, '.a', 'a function'],
  ['a symbol', { a: Symbol('s') }, '.a', 'Symbol(s)'],
  ['a symbol as a key', { a: { [Symbol('s')]: 1 } }, '.a[Symbol(s)]', 'a member that is named by a symbol'],
  ['undefined in a list', { a: [undefined] }, '.a[0]', 'undefined'],
  ['a hole in a list', { a: holed }, '.a[1]', 'undefined'],
  ['a member of a list', { a: /(?<year>\d+)/.exec('in 1854') }, '.a.index', 'a member of a list beside its elements'],
  ['an instance of a class', { a: new Point() }, '.a', 'a Point'],
  ['an object with toJSON', { a: { toJSON: () => 1 } }, '.a.toJSON', 'a function'],
  ['a URL', { a: new URL('https://example.org') }, '.a', 'an URL'],
  ['a typed array', { a: Float32Array.of(1) }, '.a', 'a Float32Array'],
  ['a buffer', { a: new ArrayBuffer(1) }, '.a', 'an ArrayBuffer'],
  ['a boxed string', { a: Object('text') as unknown }, '.a', 'a String'],
  ['an error', { a: new RangeError('no') }, '.a', 'a RangeError'],
  ['a promise', { a: Promise.resolve(1) }, '.a', 'a promise'],
  ['a cycle', cycle, '.self.back[0]', 'part of itself'],
  ['a reactive date', { a: new Proxy(new Date(0), {}) }, '.a', 'a Date'],
]

describe('copyJson()', () => {
  it.each(REFUSED)('refuses %s, and tells where it is', (_, value, place, shown) => {
    const message = `Cannot add documents as documents[3].metadata${place} must be what JSON can say: current value is ${shown}\n`
    expect(() => copy(value)).toThrow(TypeError)
    expect(() => copy(value)).toThrow(message)
  })

  it('refuses what is nested too deep for a clone or a file, and takes what is just not', () => {
    for (const depth of [MAX_JSON_DEPTH + 1, 10_000]) expect(() => copy(nested(depth))).toThrow(RangeError)
    const deep = copy(nested(MAX_JSON_DEPTH))
    expect(JSON.parse(toJson(structuredClone(deep)))).toEqual(nested(MAX_JSON_DEPTH))
  })

  it('refuses one object that is named so often that a file would not end', () => {
    let value: unknown = 'lol'
    for (let level = 0; level < 40; level++) value = [value, value]
    expect(() => copy(value)).toThrow(RangeError)
  })

  it('keeps an object that is there twice, as JSON does', () => {
    const shared = { a: 1 }
    expect(copy({ left: shared, right: [shared] })).toEqual({ left: { a: 1 }, right: [{ a: 1 }] })
  })

  it('leaves out members that are undefined, as JSON does', () => {
    expect(Object.keys(copy({ a: undefined, b: null }) as object)).toEqual(['b'])
  })

  it('reads through proxies, objects without a prototype and those of another realm', () => {
    const reactive = new Proxy({ list: new Proxy([1, new Proxy({ a: 'b' }, {})], {}) }, {})
    expect(() => structuredClone(reactive)).toThrow('could not be cloned')
    expect(structuredClone(copy(reactive))).toEqual({ list: [1, { a: 'b' }] })
    expect(copy(Object.assign(Object.create(null) as object, { a: 1 }))).toEqual({ a: 1 })
  })

  it('does not take a member __proto__ for the prototype', () => {
    const kept = copy(JSON.parse('{"__proto__": {"isAdmin": true}}')) as Record<string, unknown>
    expect(Object.keys(kept)).toEqual(['__proto__'])
    expect(kept['isAdmin']).toBeUndefined()
    expect(toJson(kept as MetadataValue)).toBe('{"__proto__":{"isAdmin":true}}')
  })

  it('keeps all that JSON can say, in memory, in a clone and in a file', () => {
    // The smallest, the largest, those that are no float32, and -0.
    const written =
      '{"numbers":[5e-324,1.7976931348623157e+308,0.1,9007199254740991,-0.0],"text":"\\ud83d\\ude00 \\ud800"}'
    const read = JSON.parse(written) as { numbers: number[] }
    expect(Object.is(read.numbers[4], -0)).toBe(true)
    fc.assert(
      fc.property(fc.oneof(fc.constant(read), fc.jsonValue({ stringUnit: 'binary' })), (value) => {
        const kept = copy(value)
        expect(kept).toEqual(value)
        expect(structuredClone(kept)).toEqual(value)
        expect(JSON.parse(toJson(kept))).toEqual(value)
      }),
      { numRuns: 50 },
    )
  })
})
