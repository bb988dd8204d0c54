import { reactive } from '@vue/reactivity'
import { isEmbedderError } from 'nestling'
import { describe, expect, it } from 'vitest'
import { createKeywordIndex } from './create-keyword-index.js'
import type { KeywordIndex } from './keyword-index.js'

const TEXTS = {
  wing: 'The wing of a glider bends in the wind.',
  flow: 'Laminar flow over the wing of an aeroplane.',
  slow: 'A slow train is a comfort.',
  receive: 'You will receive a letter with the aerodynamic data.',
  cafe: 'We met in a Café in Zürich.',
}

async function indexOf(texts: Readonly<Record<string, string>> = TEXTS): Promise<KeywordIndex> {
  const index = await createKeywordIndex()
  index.add(Object.entries(texts).map(([id, text]) => ({ id, text })))
  return index
}

function idsOf(index: KeywordIndex, query: string, limit = 10): (string | number)[] {
  return index.search(query, limit).map(({ id }) => id)
}

describe('createKeywordIndex()', () => {
  it("works in Vue's reactive state", async () => {
    const index = await indexOf()
    expect(idsOf(reactive({ index }).index, 'glider')).toEqual(['wing'])
    expect(reactive(index)).toBe(index)
  })

  it('finds exact words, and not those that only look like them', async () => {
    const index = await indexOf()
    expect(idsOf(index, 'flow')).toEqual(['flow'])
    expect(idsOf(index, 'wing glider')).toEqual(['wing', 'flow'])
    expect(idsOf(index, 'WING', 1)).toHaveLength(1)
    expect(idsOf(index, 'submarine')).toEqual([])
    expect(idsOf(index, '')).toEqual([])
  })

  it.each([
    ['a wrong letter', 'glizer', 'wing'],
    ['a missing letter', 'lamnar', 'flow'],
    ['a letter too many', 'traain', 'slow'],
    ['swapped letters', 'recieve', 'receive'],
    ['swapped letters of a short word', 'wign', 'flow'],
    ['two wrong letters of a long word', 'airodinamic', 'receive'],
    ['a missing accent', 'zurich', 'cafe'],
    ['a beginning, as the last word', 'letter aero', 'receive'],
  ])('finds %s', async (_, query, id) => {
    expect(idsOf(await indexOf(), query)[0]).toBe(id)
  })

  it('takes only the last word for a beginning', async () => {
    expect(idsOf(await indexOf(), 'aero')).toEqual(expect.arrayContaining(['flow', 'receive']))
    expect(idsOf(await indexOf(), 'aero zebra')).toEqual([])
    expect(idsOf(await indexOf(), 'ae')).toEqual([])
  })

  it.each([
    ['glider', 'gilder'],
    ['glider', 'glizer'],
    ['wing', 'wign'],
    ['laminar', 'lamina'],
  ])('gives %s a better score than %s', async (exact, typo) => {
    const index = await indexOf()
    expect(index.search(exact, 1)[0]?.score).toBeGreaterThan(index.search(typo, 1)[0]?.score ?? NaN)
  })

  it('ranks by BM25', async () => {
    // Worked by hand: two documents of 1 and 3 words, mean 2, "x" once in each, so idf = ln(1 + (2 - 2 + .5) / (2 + .5)) = ln 1.2.
    const index = await indexOf({ short: 'x', long: 'x y z' })
    const score = (length: number): number => (Math.log(1.2) * 2.2) / (1 + 1.2 * (1 - 0.75 + (0.75 * length) / 2))
    const hits = index.search('x', 10)
    expect(hits.map(({ id }) => id)).toEqual(['short', 'long'])
    expect(hits[0]?.score).toBeCloseTo(score(1), 10)
    expect(hits[1]?.score).toBeCloseTo(score(3), 10)
  })

  it('adds the scores of words up, and multiplies them by nothing', async () => {
    // Multiplied by the number of words that fit, b with two frequent words would beat a with the rare one.
    const frequent = Array.from({ length: 40 }, (_, place) => [`f${place}`, 'one two'] as const)
    const index = await indexOf({ a: 'rare three', b: 'one two', ...Object.fromEntries(frequent) })
    const hits = index.search('rare one two', 2)
    expect(hits[0]?.id).toBe('a')
    // By hand: 42 documents of 2 words, so each length is the mean: idf * 2.2 / 2.2.
    expect(hits[0]?.score).toBeCloseTo(Math.log(1 + 41.5 / 1.5), 10)
    expect(hits[1]?.score).toBeCloseTo(2 * Math.log(1 + 1.5 / 41.5), 10)
  })

  it('gives words little weight that most of many documents have', async () => {
    const most = Array.from({ length: 120 }, (_, place) => [`m${place}`, 'the text'] as const)
    const index = await indexOf({ a: 'the wing', ...Object.fromEntries(most) })
    for (const query of ['the wing', 'wign of the']) {
      const [first, second] = index.search(query, 1000)
      expect(first?.id).toBe('a')
      expect(first?.score).toBeGreaterThan(100 * (second?.score ?? NaN))
    }
    expect(index.search('the text', 1000)).toHaveLength(121)
    expect(idsOf(index, 'the zzzzz', 1000)).toHaveLength(121)
  })

  it('forgets what is removed and what is replaced', async () => {
    const index = await indexOf()
    index.remove(['flow', 'unknown'])
    expect(index.size).toBe(4)
    // "flow" is no known word any more, so it is a typo of "slow".
    expect(idsOf(index, 'flow')).toEqual(['slow'])
    index.add([{ id: 'slow', text: 'A fast train' }])
    expect(index.size).toBe(4)
    expect(idsOf(index, 'comfort')).toEqual([])
    expect(idsOf(index, 'fast')).toEqual(['slow'])
    index.add([{ id: 'flow', text: TEXTS.flow }])
    expect(idsOf(index, 'laminar')).toEqual(['flow'])
  })

  it('asks which documents are allowed before it counts them', async () => {
    const index = await indexOf()
    expect(index.search('wing', 1, (id) => id !== idsOf(index, 'wing')[0])).toHaveLength(1)
  })

  it('keeps numbers and texts apart as ids', async () => {
    const index = await createKeywordIndex()
    index.add([
      { id: 1, text: 'one' },
      { id: '1', text: 'another' },
    ])
    expect(idsOf(index, 'one')).toEqual([1])
    expect(idsOf(await createKeywordIndex(index.toBytes()), 'another')).toEqual(['1'])
  })

  it('is the same after a way through bytes', async () => {
    const index = await indexOf()
    index.remove(['cafe'])
    const copy = await createKeywordIndex(index.toBytes())
    expect(copy.size).toBe(4)
    for (const query of ['wing', 'recieve', 'letter aero', 'zurich']) {
      expect(copy.search(query, 10)).toEqual(index.search(query, 10))
    }
    copy.remove(['wing'])
    copy.add([{ id: 'new', text: 'a new wing' }])
    expect(idsOf(copy, 'wing')).toEqual(expect.arrayContaining(['new', 'flow']))
    expect(copy.size).toBe(4)
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['no JSON', new TextEncoder().encode('{"format"')],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe)],
    ['null', new TextEncoder().encode('null')],
    ['another format', new TextEncoder().encode('{"format":"other","version":1}')],
    ['no index', new TextEncoder().encode('{"format":"nestling-keywords","version":1}')],
  ])('refuses %s', async (_, bytes) => {
    const error: unknown = await createKeywordIndex(bytes).catch((error: unknown) => error)
    expect(isEmbedderError(error, 'index-corrupt')).toBe(true)
  })

  it('takes words of objects for words', async () => {
    const index = await indexOf({ a: 'the constructor and __proto__ of toString', b: 'another text' })
    for (const query of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(idsOf(index, query)).toEqual(query === 'hasOwnProperty' ? [] : ['a'])
    }
  })

  it.each([
    [
      'an id that is not there',
      [{ id: 'a', text: 'one' }, { text: 'two' }],
      /documents\[1\]\.id .*: current value is undefined/,
    ],
    ['NaN as an id', [{ id: NaN, text: 'one' }], /documents\[0\]\.id .*: current value is NaN/],
    [
      'a text that is null',
      [
        { id: 'a', text: 'one' },
        { id: 'b', text: null },
      ],
      /documents\[1\]\.text must be a string/,
    ],
  ])('add() refuses %s, and adds nothing', async (_, documents, message) => {
    const index = await createKeywordIndex()
    const add = (): void => {
      index.add(documents as { id: string; text: string }[])
    }
    expect(add).toThrow(TypeError)
    expect(add).toThrow(message)
    expect(index.size).toBe(0)
  })

  it('search() refuses an isAllowed that gives a promise, which would allow everything', async () => {
    const index = await indexOf()
    const isAllowed = (() => Promise.resolve(false)) as unknown as () => boolean
    expect(() => index.search('wing', 10, isAllowed)).toThrow(TypeError)
    expect(() => index.search('wing', 10, isAllowed)).toThrow(
      /isAllowed must give true or false: current value is a promise/,
    )
    expect(index.search('wing', 10, (id) => id === 'flow').map(({ id }) => id)).toEqual(['flow'])
  })
})
