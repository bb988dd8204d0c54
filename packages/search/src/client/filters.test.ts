import { describe, expect, it } from 'vitest'
import { AllowedDocuments } from './allowed-documents.js'
import { resolveSearchOptions, type SearchOptions } from './search-options.js'

const YEARS = [1999, 2001, undefined]

function mark(test: (metadata: { readonly year?: number }) => unknown): Promise<unknown> {
  const allowed = new AllowedDocuments(() =>
    Promise.resolve({
      version: 7,
      ids: ['a', 'b', 'c'],
      metadata: YEARS.map((year) => (year === undefined ? null : { year })),
      total: 3,
    }),
  )
  return allowed.mark(test as () => boolean, undefined)
}

describe('a filter that is a function', () => {
  it('marks the documents for which it is true', async () => {
    expect(await mark(({ year = 0 }) => year > 2000)).toEqual({ version: 7, bytes: Uint8Array.of(0, 1, 0) })
  })

  it.each([
    ['a promise', () => Promise.resolve(false), /filter must give true or false: current value is a promise\nAwait/],
    ['a promise that fails', () => Promise.reject(new Error('late')), /a promise\nAwait what filter needs before/],
    ['something to be awaited', () => ({ then: () => undefined }), /current value is a promise/],
    ['nothing', () => undefined, /current value is undefined\nReturn true or false from filter/],
    ['a list', () => [], /current value is a list of 0/],
    ['a number', ({ year }: { year?: number }) => year, /current value is 1999/],
    ['a text', () => 'no', /current value is "no"/],
  ])('is refused where it gives %s', async (_, test, message) => {
    await expect(mark(test)).rejects.toThrow(TypeError)
    await expect(mark(test)).rejects.toThrow(message)
  })

  it('passes on what it throws', async () => {
    const failing = mark(() => {
      throw new SyntaxError('mine')
    })
    await expect(failing).rejects.toThrow(SyntaxError)
  })
})

describe('a filter that is an object', () => {
  const resolve = (filter: unknown): unknown => resolveSearchOptions({ filter } as SearchOptions).equals

  it.each([
    ['a list', { tag: ['a', 'b'] }, /filter\.tag must be a string, .*: current value is a list of 2\n.*includes\(/],
    ['a range', { year: { gt: 2000 } }, /filter\.year .*: current value is an object/],
    ['a date', { when: new Date(0) }, /filter\.when .*: current value is a Date/],
    ['a pattern', { tag: /a/ }, /filter\.tag .*: current value is a RegExp/],
    ['undefined', { tag: undefined }, /filter\.tag .*: current value is undefined\nLeave out what shall not count/],
    ['NaN, which nothing equals', { year: NaN }, /filter\.year .*: current value is NaN/],
    ['a bigint', { year: 1n }, /filter\.year .*: current value is 1n/],
    ['a function', { year: () => true }, /filter\.year .*: current value is a function/],
    ['a symbol as a key', { [Symbol('s')]: 1 }, /filter\.Symbol\(s\)/],
  ])('refuses %s', (_, filter, message) => {
    expect(() => resolve(filter)).toThrow(TypeError)
    expect(() => resolve(filter)).toThrow(message)
  })

  it.each([
    ['a map', new Map([['tag', 'a']]), 'a Map'],
    ['a promise', Promise.resolve({ tag: 'a' }), 'a promise'],
    ['a list', [['tag', 'a']], 'a list of 1'],
    ['null', null, 'null'],
    ['a text', 'tag:a', '"tag:a"'],
  ])('is not %s, which would let everything through', (_, filter, shown) => {
    const message = `Cannot search as filter must be a function or a plain object: current value is ${shown}\n`
    expect(() => resolve(filter)).toThrow(TypeError)
    expect(() => resolve(filter)).toThrow(message)
  })

  it('may be a reactive proxy, and is copied', () => {
    const filter = { tag: 'a', year: 0, isDraft: false, parent: null }
    const resolved = resolve(new Proxy(filter, {}))
    filter.tag = 'b'
    expect(structuredClone(resolved)).toEqual({ tag: 'a', year: 0, isDraft: false, parent: null })
    expect(resolve({})).toEqual({})
  })
})
