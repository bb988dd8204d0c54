import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePythonJson } from './python-json.js'

describe('parsePythonJson()', () => {
  // Each of these and of the faults below was given to `json.loads` of Python 3.12, which takes and refuses the same.
  it.each<[string, string, unknown]>([
    ['the three constants', '[NaN, Infinity, -Infinity]', [NaN, Infinity, -Infinity]],
    ['a constant alone', ' Infinity ', Infinity],
    ['words in strings and keys', '{"NaN": "NaN, Infinity", "a\\"b": [NaN]}', { NaN: 'NaN, Infinity', 'a"b': [NaN] }],
    ['a string that ends in a backslash', '["\\\\", NaN, "\\\\\\""]', ['\\', NaN, '\\"']],
    ['of two equal keys the last', '{"a": 1, "b": 2, "a": NaN}', { a: NaN, b: 2 }],
    ['an integer of thirty digits', '{"a": 1000000000000000019884624838656, "b": NaN}', { a: 1e30, b: NaN }],
    ['all forms of numbers', '[NaN, -0, 1.5e3, 2E-1, 1e400]', [NaN, -0, 1500, 0.2, Infinity]],
    ['lone surrogates', '["\\ud800", "\\udc00\\ud800", Infinity]', ['\ud800', '\udc00\ud800', Infinity]],
    ['escapes', '["\\u00e9\\n\\/\\b", "é\u2028", Infinity]', ['é\n/\b', 'é\u2028', Infinity]],
    ['nothing inside', '{"a": {}, "b": [], "c": "", "d": NaN}', { a: {}, b: [], c: '', d: NaN }],
    ['words', '[true, false, null, NaN]', [true, false, null, NaN]],
  ])('reads %s', (_, text, value) => {
    expect(parsePythonJson(text)).toEqual(value)
  })

  it('passes over a byte order mark, with constants and without', () => {
    expect(parsePythonJson('\uFEFF{"a": 1}')).toEqual({ a: 1 })
    expect(parsePythonJson('\uFEFF{"a": -Infinity}')).toEqual({ a: -Infinity })
  })

  it('makes no prototype of a key', () => {
    const value = parsePythonJson('{"__proto__": {"a": NaN}}') as object
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it.each<[string, string, string]>([
    ['nothing', '', 'line 1, column 1: current text there is the end'],
    ['a web page', '<!doctype html>', 'line 1, column 1: current text there is "<!doctype ht"'],
    ['a constant of JavaScript', '{\n  "a": undefined\n}', 'a value must stand at line 2, column 8'],
    ['a negative NaN', '[-NaN]', 'a value must stand at line 1, column 2'],
    ['a sign', '[+1]', 'a value must stand at line 1, column 2'],
    ['another case', '[nan]', 'a value must stand at line 1, column 2'],
    ['digits behind a constant', '[Infinity1]', 'a value must stand at line 1, column 2'],
    ['a leading zero', '[NaN, 01]', 'a value must stand at line 1, column 7'],
    ['a comma at the end of a list', '[NaN,]', 'a value must stand at line 1, column 6'],
    ['a comma at the end of an object', '{"a": NaN,}', 'a key in quotes must stand at line 1, column 11'],
    ['a missing comma', '{"a": 1\n "b": 2}', ', or } must stand at line 2, column 2'],
    ['a missing colon', '{"a" 1}', ': must stand at line 1, column 6'],
    ['a key without quotes', '{a: 1}', 'a key in quotes must stand at line 1, column 2'],
    ['a string without an end', '["a', 'a value must stand at line 1, column 2'],
    ['a line end in a string', '["a\nb"]', 'control characters'],
    ['an unknown escape', '["\\x"]', 'unknown escapes'],
    ['something behind the end', '{"a": NaN} x', 'the end must stand at line 1, column 12'],
    ['half a file', '{"a": [1, {"b"', ': must stand at line 1, column 15: current text there is the end'],
  ])('refuses %s and says where', (_, text, message) => {
    expect(() => parsePythonJson(text)).toThrow(message)
  })

  it('refuses a million brackets without overflowing the stack', () => {
    expect(() => parsePythonJson('['.repeat(1_000_000))).toThrow('at most 512 levels must stand')
  })

  it('agrees with JSON.parse on all that is JSON', () => {
    const holes = fc.jsonValue().map((value) => JSON.stringify([value]))
    fc.assert(
      fc.property(holes, fc.constantFrom('', ' ', '\n\t'), (text, space) => {
        // The constant keeps JSON.parse from it.
        const [value, constant] = parsePythonJson(`[${space}${text}${space},${space}NaN]`) as [unknown, unknown]
        expect(value).toEqual(JSON.parse(text))
        expect(constant).toBeNaN()
      }),
    )
  })
})
