import { describe, expect, it } from 'vitest'
import { AllowedDocuments } from './allowed-documents.js'
import { resolveFilter, type MetadataFilter } from './metadata-filter.js'

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
  const chosen = { test: test as () => boolean, filter: undefined }
  return allowed.choose('search', chosen, undefined, (choice) => Promise.resolve(choice.allowed))
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
  const resolve = (filter: unknown): unknown => resolveFilter('search', filter as MetadataFilter).filter

  it.each([
    ['a map', new Map([['tag', 'a']]), 'a Map'],
    ['a promise', Promise.resolve({ tag: 'a' }), 'a promise'],
    ['a list', [['tag', 'a']], 'a list of 1'],
    ['null', null, 'null'],
    ['a text', 'tag:a', '"tag:a"'],
    ['one with a symbol as a key', { [Symbol('s')]: 1 }, 'an object with Symbol(s)'],
  ])('is not %s, which would let everything through', (_, filter, shown) => {
    const message = `Cannot search as filter must be a function or a plain object: current value is ${shown}`
    expect(() => resolve(filter)).toThrow(TypeError)
    expect(() => resolve(filter)).toThrow(message)
  })

  it.each([
    ['a function', { year: () => true }, 'filter.year must be plain data'],
    ['itself', cyclic(), 'filter.not must be plain data without a cycle'],
  ])('has no %s in it', (_, filter, message) => {
    expect(() => resolve(filter)).toThrow(TypeError)
    expect(() => resolve(filter)).toThrow(message)
  })

  it('may be a reactive proxy, and is copied', () => {
    const tags = ['a']
    const filter = { tag: { in: new Proxy(tags, {}) }, year: 0, isDraft: false, parent: null, gone: undefined }
    const resolved = resolve(new Proxy(filter, {}))
    tags[0] = 'b'
    expect(structuredClone(resolved)).toStrictEqual({
      tag: { in: ['a'] },
      year: 0,
      isDraft: false,
      parent: null,
      gone: undefined,
    })
    expect(resolve({})).toEqual({})
  })
})

function cyclic(): object {
  const filter: Record<string, unknown> = {}
  filter['not'] = filter
  return filter
}

interface Book {
  readonly year: number
  readonly tags: readonly string[]
  readonly kind: 'novel' | 'essay'
}

type BookFilter = MetadataFilter<Book>

describe('a filter by its type', () => {
  it('knows the members of metadata and what they are', () => {
    const filters: readonly BookFilter[] = [
      { year: 1854 },
      { year: { gte: 1800, lt: 1900, not: { in: [1815] } }, tags: { in: ['woods'] }, kind: 'novel' },
      { tags: 'woods', kind: { exists: true } },
      { or: [{ year: { gt: 1 } }, { not: { and: [{ kind: { in: ['essay'] } }] } }] },
      ({ year = 0 }) => year > 1800,
      // @ts-expect-error -- No such member.
      { yaer: 1854 },
      // @ts-expect-error -- Of another type.
      { year: '1854' },
      // @ts-expect-error -- None of its values.
      { kind: 'poem' },
      // @ts-expect-error -- No such condition.
      { year: { $gte: 1800 } },
      // @ts-expect-error -- Of another type.
      { year: { gte: '1800' } },
      // @ts-expect-error -- A list is to be written with in.
      { tags: ['woods'] },
      // @ts-expect-error -- Elements of another type.
      { tags: { in: [1] } },
      // @ts-expect-error -- No such member, further inside.
      { or: [{ not: { yaer: 1 } }] },
      // @ts-expect-error -- Not a list.
      { or: { year: 1 } },
    ]
    expect(filters).toHaveLength(14)
  })

  it('takes any member where metadata have no type', () => {
    const filters: readonly MetadataFilter[] = [
      { year: 1, tag: { in: ['a', null] }, or: [{ a: { gte: 1 } }], not: { b: true } },
      // @ts-expect-error -- A list is to be written with in.
      { tags: ['woods'] },
      // @ts-expect-error -- JSON has no dates.
      { year: new Date() },
    ]
    expect(filters).toHaveLength(3)
  })
})
