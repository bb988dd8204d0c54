/** Han, Kana and Hangul: cut into pairs of characters. */
const PAIRED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}ー]/u

const HANGUL = /^\p{sc=Hang}+$/u

/** Other scripts that put no spaces between words. */
const SEGMENTED = /[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u

/** Where a word may change its script. */
const RUNS =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー]+|\p{sc=Hang}+|[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}\p{M}]+|[^\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー\p{sc=Hang}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]+/gu

/** Scripts whose words are not what stands between two spaces. */
export const WITHOUT_SPACES: RegExp = new RegExp(`${PAIRED.source}|${SEGMENTED.source}`, 'u')

/** Made on first use, as it loads dictionaries. The language does not matter: the dictionary is chosen by script. */
let segmenter: Intl.Segmenter | undefined

/** A part of a text, with what it is to the word that it was cut out of. */
export interface Piece {
  readonly text: string
  readonly start: number
  /** `inner`: found by a query of one character alone. `joined`: the word as it is written, beside its pairs. */
  readonly kind: 'word' | 'inner' | 'joined'
}

/**
 * Cuts what has no spaces between its words. Chinese, Japanese and Korean become pairs of neighbours and single characters, Korean words stay
 * whole too; Thai, Lao, Khmer and Burmese are cut by the browser's dictionaries.
 *
 * @see {@link https://lucene.apache.org/core/9_11_0/analysis/common/org/apache/lucene/analysis/cjk/CJKBigramFilter.html | Lucene's pairs}
 */
export function cutWithoutSpaces(text: string): Piece[] {
  return Array.from(text.matchAll(RUNS)).flatMap(({ 0: run, index }) => {
    if (PAIRED.test(run)) return pairsOf(run, index)
    return SEGMENTED.test(run) ? segmentsOf(run, index) : [{ text: run, start: index, kind: 'word' as const }]
  })
}

function pairsOf(run: string, start: number): Piece[] {
  const characters = Array.from(run)
  if (characters.length === 1) return [{ text: run, start, kind: 'word' }]
  const pieces: Piece[] = []
  if (characters.length > 2 && HANGUL.test(run)) pieces.push({ text: run, start, kind: 'joined' })
  let at = start
  for (const [place, character] of characters.entries()) {
    pieces.push({ text: character, start: at, kind: 'inner' })
    const next = characters[place + 1]
    if (next !== undefined) pieces.push({ text: character + next, start: at, kind: 'word' })
    at += character.length
  }
  return pieces
}

function segmentsOf(run: string, start: number): Piece[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' })
  return Array.from(segmenter.segment(run), ({ segment, index }) => ({
    text: segment,
    start: start + index,
    kind: 'word' as const,
  }))
}
