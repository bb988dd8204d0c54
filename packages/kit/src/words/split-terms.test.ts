import { describe, expect, it } from 'vitest'
import { splitTerms, type TermKind } from './split-terms.js'
import { wordsOf } from './words-of.js'

function termsOf(text: string, ...kinds: TermKind[]): string[] {
  return splitTerms(text)
    .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
    .map((term) => term.text)
}

describe('splitTerms()', () => {
  it.each<[string, string[], string[]]>([
    // A name, its parts, and what it is as a whole.
    ['pg_stat_activity', ['pg', 'stat', 'activity'], ['pg_stat_activity']],
    ['__getattr__', ['getattr'], ['__getattr__']],
    ['os.path', ['os', 'path'], ['os.path']],
    ['float8::numeric::money', ['float8', 'numeric', 'money'], ['float8::numeric::money']],
    ['MutableMapping', ['mutable', 'mapping'], ['mutablemapping']],
    ['BaseHTTPRequestHandler', ['base', 'http', 'request', 'handler'], ['basehttprequesthandler']],
    ['server.key', ['server', 'key'], ['server.key']],
    ['Node.js', ['node', 'js'], ['node.js']],
    ['C++', ['c'], ['c++']],
    ['C#', ['c'], ['c#']],
    ['.NET', ['net'], ['.net']],
    ['--help', ['help'], ['--help']],
    ['“-v”', ['v'], ['-v']],
    ['utf8Encode', ['utf8', 'encode'], ['utf8encode']],
    ['3.14', ['3', '14'], ['3.14']],
    ['Straße.größeÄndern', ['straße', 'größe', 'ändern'], ['straße.größeändern']],
  ])('splits %s into its parts, and keeps it whole', (name, parts, whole) => {
    expect(termsOf(name, 'part')).toEqual(parts)
    expect(termsOf(name, 'whole')).toEqual(whole)
    expect(termsOf(name)).toHaveLength(parts.length + 1)
  })

  it.each([
    ['--enable-foo', ['enable', 'foo'], ['enable-foo']],
    ['high-speed', ['high', 'speed'], ['high-speed']],
  ])('joins %s, which may be written apart', (name, parts, joined) => {
    expect(termsOf(name, 'part')).toEqual(parts)
    expect(termsOf(name, 'joined')).toEqual(joined)
  })

  it.each([
    ['a dot at the end.', ['a', 'dot', 'at', 'the', 'end']],
    ['end... Next', ['end', 'next']],
    ['URLs and IDs', ['urls', 'and', 'ids']],
    ['x - y -1 (- z)', ['x', 'y', '1', 'z']],
    ['one--two', ['one', 'two']],
    ["don't", ['don', 't']],
    ['f(x,y)/g', ['f', 'x', 'y', 'g']],
    ['___ -- ... ++ # \u200B', []],
    ['❤️ ™', []],
  ])('takes no sign of «%s» for a part of a name', (text, words) => {
    expect(termsOf(text)).toEqual(words)
  })

  it('keeps no endless name whole', () => {
    expect(termsOf(`a${'.b'.repeat(49)}`, 'whole')).toHaveLength(1)
    expect(termsOf(`a${'.b'.repeat(50)}`, 'whole')).toEqual([])
    expect(termsOf(`a${'.b'.repeat(50)}`, 'part')).toHaveLength(51)
  })

  it('says where terms are', () => {
    const text = 'See pg_stat.'
    const found = splitTerms(text).map(({ start, end }) => text.slice(start, end))
    expect(found).toEqual(['See', 'pg', 'stat', 'pg_stat'])
  })

  it.each([
    // Pairs of neighbours, across Han and Kana, as Lucene's CJKBigramFilter makes them; single characters for queries of one.
    ['東京タワー', ['東京', '京タ', 'タワ', 'ワー'], ['東', '京', 'タ', 'ワ', 'ー'], []],
    ['山', ['山'], [], []],
    ['서울에서', ['서울', '울에', '에서'], ['서', '울', '에', '서'], ['서울에서']],
    ['서울', ['서울'], ['서', '울'], []],
    ['𠮷野家', ['𠮷野', '野家'], ['𠮷', '野', '家'], []],
    ['東京tower', ['東京', 'tower'], ['東', '京'], []],
  ])('cuts %s into pairs', (text, words, inner, joined) => {
    expect(termsOf(text, 'word')).toEqual(words)
    expect(termsOf(text, 'inner')).toEqual(inner)
    expect(termsOf(text, 'joined')).toEqual(joined)
  })
})

describe('wordsOf()', () => {
  it('makes words equal that readers take for equal', () => {
    expect(wordsOf('Crème brûlée, “ﬁne” & 5€!')).toEqual(['creme', 'brulee', 'fine', '5'])
    expect(wordsOf(' \n ')).toEqual([])
  })

  it('leaves vowels and other letters of other scripts', () => {
    // Devanagari vowels are marks; が is か with a mark; a Hangul syllable is made of letters.
    expect(wordsOf('हिन्दी')).toEqual(['हिन्दी'])
    expect(wordsOf('한')).toEqual(['한'])
    expect(wordsOf('が')).toEqual(['が'])
  })

  it('cuts what the dictionaries of the browser know', () => {
    expect(wordsOf('ฉันรักภาษาไทย')).toEqual(['ฉัน', 'รัก', 'ภาษา', 'ไทย'])
  })
})
