import { describe, expect, it } from 'vitest'
import type { Metadata } from '../wire/protocol.js'
import { compileFilter } from './compile-filter.js'

const BOOKS: Readonly<Record<string, Metadata | null>> = {
  walden: { year: 1854, tags: ['woods', 'essay'], title: 'Walden', isDraft: false, price: 0, parent: null },
  emma: { year: 1815, tags: ['novel'], title: 'Emma', isDraft: false },
  draft: { year: '1999', tags: [], title: 'Notes', isDraft: true, scores: [0, 9], author: { name: 'A' } },
  bare: {},
  none: null,
}

function found(filter: unknown): string[] {
  const fits = compileFilter('search', filter)
  return Object.keys(BOOKS).filter((name) => fits(BOOKS[name] ?? null))
}

// Expected by hand, from the table above.
describe('a filter of conditions', () => {
  it.each<[string, object, string[]]>([
    ['nothing', {}, ['walden', 'emma', 'draft', 'bare', 'none']],
    ['a value', { year: 1815 }, ['emma']],
    ['a value of another type', { year: '1854' }, []],
    ['a value that is there and false', { isDraft: false }, ['walden', 'emma']],
    ['null, which is not what is missing', { parent: null }, ['walden']],
    ['-0, which is 0', { price: -0 }, ['walden']],
    ['a value in a list', { tags: 'novel' }, ['emma']],
    ['two members', { isDraft: false, year: 1854 }, ['walden']],
    ['one of some', { title: { in: ['Emma', 'Notes', 'other'] } }, ['emma', 'draft']],
    ['one of some, in a list', { tags: { in: ['woods', 'novel'] } }, ['walden', 'emma']],
    ['one of none', { title: { in: [] } }, []],
    ['null among some', { parent: { in: [null, 1] } }, ['walden']],
    ['more than', { year: { gt: 1815 } }, ['walden']],
    ['at least', { year: { gte: 1815 } }, ['walden', 'emma']],
    ['less than', { year: { lt: 1854 } }, ['emma']],
    ['at most', { year: { lte: 1854 } }, ['walden', 'emma']],
    ['between', { year: { gte: 1815, lt: 1854 } }, ['emma']],
    ['between texts, in the order of their UTF-16 units', { title: { gte: 'Emma', lt: 'P' } }, ['emma', 'draft']],
    ['a text, which is no number', { year: { gte: '1' } }, ['draft']],
    ['one element that is between', { scores: { gte: 1, lt: 9 } }, []],
    ['an element', { scores: { gt: 1 } }, ['draft']],
    ['not a value, or none', { title: { not: 'Emma' } }, ['walden', 'draft', 'bare', 'none']],
    ['not in a list', { tags: { not: { in: ['woods', 'x'] } } }, ['emma', 'draft', 'bare', 'none']],
    ['between but not one', { year: { gte: 1800, not: 1815 } }, ['walden']],
    ['there', { author: { exists: true } }, ['draft']],
    ['there, and null', { parent: { exists: true } }, ['walden']],
    ['not there', { title: { exists: false } }, ['bare', 'none']],
    ['one or the other', { or: [{ year: 1815 }, { isDraft: true }] }, ['emma', 'draft']],
    ['both', { and: [{ tags: 'woods' }, { tags: 'essay' }] }, ['walden']],
    ['neither', { not: { or: [{ year: 1815 }, { title: { exists: false } }] } }, ['walden', 'draft']],
    ['beside members', { isDraft: false, not: { year: 1815 } }, ['walden']],
    ['a member of every object', { constructor: { exists: true } }, []],
  ])('finds %s', (_, filter, names) => {
    expect(found(filter)).toEqual(names)
  })

  it('tells what is its own from what every object has', () => {
    const fits = compileFilter('search', JSON.parse('{"__proto__":1}'))
    expect([fits(JSON.parse('{"__proto__":1}') as Metadata), fits({})]).toEqual([true, false])
  })
})

const nested = (levels: number): unknown => (levels === 0 ? { a: 1 } : { not: nested(levels - 1) })

describe('a filter that says nothing clear', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'a list as a value',
      { tag: ['a'] },
      /filter\.tag must be .*: current value is a list of 1\n.*\{ in: \['a', 'b'\] \}/,
    ],
    ['a date', { when: new Date(0) }, /filter\.when must be .*: current value is a Date/],
    ['a pattern', { tag: /a/ }, /filter\.tag .*: current value is a RegExp/],
    ['undefined', { tag: undefined }, /filter\.tag .*: current value is undefined\nLeave out what shall not count/],
    ['NaN, which nothing equals', { year: NaN }, /filter\.year .*: current value is NaN/],
    ['a bigint', { year: 1n }, /filter\.year .*: current value is 1n/],
    ['no condition', { year: {} }, /filter\.year must have a condition/],
    [
      'an unknown condition',
      { year: { gt: 1, $lt: 2 } },
      /filter\.year\.\$lt must be one of in, gt, gte, lt, lte, not, exists/,
    ],
    ['a member of a member', { 'the author': { name: 'A' } }, /filter\["the author"\]\.name must be one of in/],
    [
      'a range without an end',
      { year: { gte: 1, lt: undefined } },
      /filter\.year\.lt must be .*: current value is undefined/,
    ],
    [
      'an end that is NaN',
      { year: { gte: NaN } },
      /filter\.year\.gte must be a number or a string: current value is NaN/,
    ],
    ['an end that is a date', { year: { gte: new Date(0) } }, /filter\.year\.gte .* a Date/],
    [
      'ends of two types',
      { year: { gte: 1, lt: '2' } },
      /filter\.year\.lt must be a number, as gte is: current value is "2"/,
    ],
    ['in without a list', { year: { in: 1 } }, /filter\.year\.in must be a list: current value is 1/],
    [
      'in with a hole',
      { year: { in: [1, undefined] } },
      /filter\.year\.in\[1\] must be .*: current value is undefined/,
    ],
    ['in with a list', { year: { in: [[1]] } }, /filter\.year\.in\[0\] must be .*: current value is a list of 1/],
    [
      'exists that is no boolean',
      { year: { exists: 1 } },
      /filter\.year\.exists must be true or false: current value is 1/,
    ],
    ['not with a list', { year: { not: [1] } }, /filter\.year\.not must be .*: current value is a list of 1/],
    ['not with nothing', { not: {} }, /filter\.not must have a condition/],
    ['not with a value', { not: 'a' }, /filter\.not must be a filter: current value is "a"\n.*function/],
    ['or of nothing', { or: [] }, /filter\.or must have a filter/],
    ['and with a hole', { and: Array(1) }, /filter\.and\[0\] must be a filter: current value is undefined/],
    ['and that is no list', { and: { a: 1 } }, /filter\.and must be a list of filters: current value is an object/],
    ['or with nothing in it', { or: [{ a: 1 }, {}] }, /filter\.or\[1\] must have a condition/],
    ['or with a value in it', { or: [null] }, /filter\.or\[0\] must be a filter: current value is null/],
    ['more levels than anyone reads', nested(40), /filter must have at most 32 levels/],
    ['as many of a member', { a: nested(40) }, /filter must have at most 32 levels/],
  ])('refuses %s', (_, filter, message) => {
    expect(() => compileFilter('search', filter)).toThrow(TypeError)
    expect(() => compileFilter('search', filter)).toThrow(message)
  })

  it('names the call', () => {
    expect(() => compileFilter('remove documents', { a: [] })).toThrow(/^Cannot remove documents as filter\.a must/)
  })
})
