import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WordIndex } from './word-index.js'
import { bytesToWordState, wordStateToBytes } from './word-state-bytes.js'

const VOCABULARY = [
  'wing',
  'wings',
  'flow',
  'flower',
  'pg_stat',
  'stat',
  'high-speed',
  'MutableMapping',
  '東京タワー',
  '서울에서',
  'the',
]
const text = fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 12 }).map((words) => words.join(' '))
const documents = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 12 })
const query = fc
  .array(fc.constantFrom(...VOCABULARY, 'wign', 'flo', 'unknown', 'pg_stta', '京', 'speed', 'mapp'), { maxLength: 6 })
  .map((words) => words.join(' '))

function indexOf(texts: readonly (readonly [string, string])[], boosts = [1, 2]): WordIndex {
  const index = new WordIndex(boosts)
  for (const [body, title] of texts) index.add([[body], [title]])
  return index
}

describe('WordIndex', () => {
  it('ranks by BM25F', () => {
    // Worked by hand: bodies of 2 and 4 words, mean 3; only the first has a title, of 1 word, which is the mean. "x" is once in the body and
    // in the title of the first, twice in the body of the second.
    const index = indexOf([
      ['x a', 'x'],
      ['x x b c', ''],
    ])
    const idf = Math.log(1 + 0.5 / 2.5)
    const first = 1 / (0.25 + (0.75 * 2) / 3) + 2 / 1
    const second = 2 / (0.25 + (0.75 * 4) / 3)
    const { scores, bound } = index.score('x')
    expect(scores[0]).toBeCloseTo((idf * 2.2 * first) / (1.2 + first), 12)
    expect(scores[1]).toBeCloseTo((idf * 2.2 * second) / (1.2 + second), 12)
    expect(bound).toBeCloseTo(idf * 2.2, 12)
  })

  it('counts unknown words as those of no document in the bound', () => {
    const index = indexOf([['wing', '']])
    // By hand: one document, so ln(1 + .5 / 1.5) of a known word and ln(1 + 1.5 / .5) of an unknown one.
    expect(index.score('wing').bound).toBeCloseTo(2.2 * Math.log(4 / 3), 12)
    expect(index.score('wing zebra').bound).toBeCloseTo(2.2 * (Math.log(4 / 3) + Math.log(4)), 12)
    expect(index.score('wign').bound).toBeCloseTo(2.2 * Math.log(4), 12)
    expect(index.score('wing wing').bound).toBeCloseTo(2.2 * Math.log(4 / 3), 12)
    expect(index.score('... -- !').bound).toBe(0)
    // Written apart in each text that has it.
    expect(index.score('wing-wing').bound).toBeCloseTo(2.2 * Math.log(4 / 3), 12)
  })

  it('corrects no more words than a person writes, and none that is endless', () => {
    const index = indexOf([[`wing ${'x'.repeat(10_000)}`, '']])
    const wrong = Array.from({ length: 32 }, (_, place) => `unknown${place}`).join(' ')
    expect(index.score(`wign ${wrong}`).found).toEqual([0])
    expect(index.score(`${wrong} wign`).found).toEqual([])
    expect(index.score(`${wrong} wing`).found).toEqual([0])
    expect(index.score(`${'x'.repeat(9999)}y`).found).toEqual([])
  })

  it('gives no score above the bound, for any boosts', () => {
    const boost = fc.double({ min: 0.001, max: 1000, noNaN: true })
    fc.assert(
      fc.property(documents, query, fc.tuple(boost, boost), fc.nat(), (texts, asked, boosts, gone) => {
        const index = indexOf(texts, boosts)
        if (texts.length > 1) index.remove(gone % texts.length)
        const { scores, bound, found } = index.score(asked)
        for (const score of scores) expect(score).toBeLessThanOrEqual(bound)
        expect([...found].sort()).toEqual([...scores.keys()].filter((place) => (scores[place] as number) > 0).sort())
      }),
    )
  })

  it('scores after removals as if those were never added, before and after a way through bytes', () => {
    fc.assert(
      fc.property(documents, fc.array(fc.nat()), query, (texts, removed, asked) => {
        const gone = new Set(removed.map((place) => place % texts.length))
        const index = indexOf(texts)
        for (const place of gone) index.remove(place)
        const kept = texts.flatMap((_, place) => (gone.has(place) ? [] : [place]))
        const fresh = indexOf(kept.map((place) => texts[place] as [string, string])).score(asked)
        const { scores, bound } = index.score(asked)
        expect(index.size).toBe(kept.length)
        expect(bound).toBe(fresh.bound)
        expect(kept.map((place) => scores[place])).toEqual([...fresh.scores])
        const copy = new WordIndex([1, 2], bytesToWordState(wordStateToBytes(index.state())))
        expect(copy.score(asked)).toEqual(fresh)
      }),
    )
  })

  it('stays the same while it sorts what came last', () => {
    // Enough entries to be sorted, some of them twice: 40,000 documents of 2 or 3 terms.
    const index = new WordIndex([1])
    for (let place = 0; place < 40_000; place++) index.add([[`all n${place % 100}${place % 3 === 0 ? ' third' : ''}`]])
    const { scores } = index.score('third')
    expect([...scores.keys()].filter((place) => (scores[place] as number) > 0)).toEqual(
      Array.from({ length: 13_334 }, (_, place) => 3 * place),
    )
    index.add([['third']])
    expect(index.score('third').scores[40_000]).toBeGreaterThan(0)
    expect(index.score('all').found).toHaveLength(40_000)
  })

  it('is sparse where most is gone', () => {
    const index = new WordIndex([1])
    for (let place = 0; place < 2000; place++) index.add([['word']])
    for (let place = 0; place < 1512; place++) index.remove(place)
    expect(index.isSparse).toBe(false)
    index.remove(1999)
    expect(index.isSparse).toBe(true)
    expect(index.state()).toMatchObject({ size: 487, terms: ['word'] })
  })

  it.each([
    ['glider lamin', 'The glider: LAMINAR.', ['glider', 'LAMINAR']],
    ['gilder', 'A glider, a slider', ['glider']],
    ['ﬁne', 'so ﬁne a day', ['ﬁne']],
    ['cafe', 'the cafe\u0301 there', ['cafe\u0301']],
    ['stat', 'see pg_stat_activity', ['stat']],
    ['pg_stat_activity', 'see pg_stat_activity', ['pg_stat_activity']],
    ['東京タワー', '私は東京タワーへ行く', ['東京タワー']],
    ['서울', '그는 서울에서 왔다', ['서울']],
    ['zebra', 'The glider', []],
    ['', 'The glider', []],
  ])('finds what «%s» finds in «%s»', (asked, where, wanted) => {
    const index = new WordIndex([1])
    for (const known of ['glider', 'laminar', 'fine cafe', 'pg_stat_activity', '東京タワー', '서울에서'])
      index.add([[known]])
    expect(index.matchesOf(asked, where).map(({ start, end }) => where.slice(start, end))).toEqual(wanted)
  })
})

describe('bytesToWordState()', () => {
  it('takes nothing that ends too early or is too long', () => {
    const bytes = wordStateToBytes(
      indexOf([
        ['wing flow', 'wing'],
        ['flow', ''],
      ]).state(),
    )
    for (let length = 0; length < bytes.length; length++) {
      expect(() => bytesToWordState(bytes.subarray(0, length))).toThrow(RangeError)
    }
    expect(() => bytesToWordState(Uint8Array.of(...bytes, 0))).toThrow(RangeError)
  })
})
