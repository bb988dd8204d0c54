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

  it('gives of equal ones what came first', async () => {
    const index = await indexOf({ first: 'one', second: 'two', third: 'one' })
    index.remove(['third'])
    expect(idsOf(index, 'two one', 1)).toEqual(['first'])
    expect(idsOf(index, 'two one')).toEqual(['first', 'second'])
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
    ['something else', new TextEncoder().encode('something else altogether')],
    // What toBytes of version 1 gave, which was JSON.
    ['version 1', new TextEncoder().encode('{"format":"nestling-keywords","version":1,"index":{}}')],
    [
      'a later version',
      Uint8Array.of(0x6e, 0x65, 0x73, 0x74, 0x6b, 0x65, 0x79, 0x0a, 99, 0, 0, 0, ...new Array<number>(8)),
    ],
  ])('refuses %s', async (_, bytes) => {
    const error: unknown = await createKeywordIndex(bytes).catch((error: unknown) => error)
    expect(isEmbedderError(error, 'index-corrupt')).toBe(true)
  })

  it('refuses bytes of which one is another, or the end is missing', async () => {
    const bytes = (await indexOf()).toBytes()
    for (let place = 0; place < bytes.length; place++) {
      const damaged = bytes.slice()
      damaged[place] = (damaged[place] as number) ^ 1
      for (const given of [damaged, bytes.slice(0, place)]) {
        const error: unknown = await createKeywordIndex(given).catch((error: unknown) => error)
        expect(isEmbedderError(error, 'index-corrupt'), String(place)).toBe(true)
      }
    }
  })

  it.each([
    ['__getattr__', 'dunder'],
    ['getattr', 'dunder'],
    ['Getattr', 'dunder'],
    ['--enable-foo', 'option'],
    ['enable-foo', 'option'],
    ['os.path', 'path'],
    ['pg_stat_activity', 'view'],
    ['activity', 'view'],
    ['pg_stat_activty', 'view'],
    ['pg_stat_act', 'view'],
    ['float8::numeric::money', 'cast'],
    ['MutableMapping', 'class'],
    ['mapping', 'class'],
    ['mutabel', 'class'],
    ['server.key', 'key'],
    ['C++', 'cpp'],
    ['c#', 'sharp'],
    ['node.js', 'node'],
  ])('finds the name %s first', async (query, id) => {
    const index = await indexOf({
      // Each has the letters or the parts of another, and more often.
      parts: 'get attr get attr of a path os of a stat of pg',
      more: 'enable enable foo foo server key key C C C js',
      path: 'Join by os.path',
      dunder: 'Called as obj.__getattr__(name).',
      option: 'Build with --enable-foo.',
      view: 'See pg_stat_activity for more.',
      cast: "SELECT '1'::float8::numeric::money;",
      class: 'A MutableMapping of names.',
      key: 'It is in server.key.',
      cpp: 'Written in C++.',
      sharp: 'Written in C#, mostly.',
      node: 'Runs in Node.js.',
    })
    expect(idsOf(index, query)[0]).toBe(id)
  })

  it.each([
    ['서울', '서울에서 왔다'],
    ['에서', '서울에서 왔다'],
    ['東京', '東京タワーへ行く'],
    ['タワー', '東京タワーへ行く'],
    ['山', '富士山登り'],
    ['学习', '我在学习中文'],
    ['文', '我在学习中文'],
    ['كتاب', 'هذا كِتَابٌ جديد'],
    ['كتاب', 'هذا كـــتاب'],
    ['احمد', 'أحمد'],
    ['שלום', 'שָׁלוֹם'],
    ['ไทย', 'ฉันรักภาษาไทย'],
  ])('finds %s in %s', async (query, text) => {
    expect(idsOf(await indexOf({ other: 'another text', wanted: text }), query)).toEqual(['wanted'])
  })

  it('counts a field by its boost', async () => {
    const index = await createKeywordIndex({ fields: { title: { boost: 3 }, tags: {}, text: { boost: 1 } } })
    index.add([
      { id: 'body', text: 'wing and flow', fields: { title: 'other' } },
      { id: 'title', text: 'other and more', fields: { title: 'wing', tags: undefined } },
      { id: 'tags', text: 'other', fields: { tags: ['one', 'wing tip'] } },
    ])
    expect(idsOf(index, 'wing')).toEqual(['title', 'tags', 'body'])
    expect([...(await createKeywordIndex(index.toBytes())).boosts]).toEqual([
      ['text', 1],
      ['title', 3],
      ['tags', 1],
    ])
    expect(() => {
      index.add([{ id: 1, text: '', fields: { titel: 'x' } }])
    }).toThrow(/documents\[0\]\.fields\.titel is no field of the index: the fields are title, tags/)
    expect(() => {
      index.add([{ id: 1, text: '', fields: { tags: ['x', 1] as never } }])
    }).toThrow(/documents\[0\]\.fields\.tags must be a string or a list of strings: current value is a list of 2/)
    expect(index.size).toBe(3)
  })

  it.each([
    [new ArrayBuffer(8), TypeError, /must be options or a Uint8Array: current value is an ArrayBuffer/],
    [null, TypeError, /must be options or a Uint8Array: current value is null/],
    [{ field: {} }, TypeError, /field is not an option: the options are fields/],
    [{ fields: ['title'] }, TypeError, /fields must be an object: current value is a list of 1/],
    [{ fields: { title: { weight: 2 } } }, TypeError, /weight is not an option: the options are boost/],
    [{ fields: { title: { boost: '2' } } }, TypeError, /fields\.title\.boost must be a number from 0\.001 to 1000/],
    [{ fields: { title: { boost: 0 } } }, RangeError, /fields\.title\.boost must be .*: current value is 0/],
    [
      { fields: Object.fromEntries(Array.from({ length: 16 }, (_, place) => [`f${place}`, {}])) },
      RangeError,
      /at most 15 fields beside text: current number is 16/,
    ],
  ])('refuses %j', async (options, type, message) => {
    const error: unknown = await createKeywordIndex(options as never).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toMatch(message)
  })

  it('score() says how sure the words are', async () => {
    const index = await indexOf()
    const { bound, scoreOf, best } = index.score('glider', (id) => id !== 'flow')
    // By hand: five texts, one of them with the word.
    expect(bound).toBeCloseTo(2.2 * Math.log(1 + 4.5 / 1.5), 10)
    expect(scoreOf('wing')).toBe(best(1)[0]?.score)
    expect(scoreOf('wing')).toBe(index.search('glider', 1)[0]?.score)
    expect(['flow', 'slow', 'unknown', 1].map(scoreOf)).toEqual([0, 0, 0, 0])
    expect(index.score('wing', (id) => id !== 'flow').scoreOf('flow')).toBe(0)
    expect(index.score('')).toMatchObject({ bound: 0 })
    expect(index.score('').best(10)).toEqual([])
    expect([0, -1, NaN].map((limit) => best(limit))).toEqual([[], [], []])
    expect(index.search('wing', 1.5)).toHaveLength(1)
  })

  it('matchesOf() finds where', async () => {
    const index = await indexOf()
    expect(() => index.search(undefined as never, 1)).toThrow(/query must be a string: current value is undefined/)
    expect(() => index.matchesOf('x', null as never)).toThrow(/text must be a string: current value is null/)
    expect(index.matchesOf('gilder', 'The glider.')).toEqual([{ start: 4, end: 10 }])
  })

  it('stays the same when most was replaced', async () => {
    const index = await createKeywordIndex()
    const texts = Array.from({ length: 700 }, (_, id) => ({ id, text: `text ${id}` }))
    for (let round = 0; round < 4; round++) index.add(texts)
    index.add([{ id: 0, text: 'changed' }])
    expect(index.size).toBe(700)
    expect(idsOf(index, '0')).toEqual([])
    expect(idsOf(index, 'changed')).toEqual([0])
    expect(idsOf(index, '699')).toEqual([699])
    index.remove([699])
    expect(idsOf(await createKeywordIndex(index.toBytes()), '698')).toEqual([698])
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
