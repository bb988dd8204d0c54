import { clusterEnd } from './grapheme.js'

/** UTF-16 units that are segmented at once: a step of V8's segmenter takes time in proportion to the whole text. */
const WINDOW_UNITS = 256

/** What ends nearer to the end of a window than this may end elsewhere in the whole text. */
const MARGIN_UNITS = 32

/** What a word may follow only as its beginning: a cut behind it would leave it to the text before. */
const OPENING = /[\p{Ps}\p{Pi}\p{Sc}"'`#@]/u

/** Fallback for browsers without `Intl.Segmenter`. */
const SENTENCE_END = /[.!?\u3002\uFF01\uFF1F]["'\u2019\u201D)\]]*(?=\s)|[\u3002\uFF01\uFF1F]|(?=\n)/g

/** White space, as `String.prototype.trim` has it. */
const BLANK = /\s/

type Granularity = 'sentence' | 'word' | 'grapheme'

/** Part of a text. */
interface Range {
  readonly start: number
  readonly end: number
}

interface Boundary {
  readonly index: number
  /** Whether a word comes after it. */
  readonly isBeforeWord: boolean
}

/**
 * Skips white space.
 *
 * @param start - Where to begin.
 * @returns The first position from there on that is not white space, or the text's length.
 */
export function skipBlanks(text: string, start: number): number {
  let position = start
  while (position < text.length && BLANK.test(text.charAt(position))) position++
  return position
}

/**
 * Finds where sentences and lines end, without the white space after them.
 *
 * @returns Ends, upwards; the last is where the text ends.
 * @see {@link https://unicode.org/reports/tr29/#Sentence_Boundaries | Unicode Standard Annex 29, section 5}
 */
export function* sentenceEnds(text: string): Generator<number, void, undefined> {
  let last = 0
  for (const index of rawSentenceEnds(text)) {
    let end = index
    while (end > last && BLANK.test(text.charAt(end - 1))) end--
    if (end === last) continue
    last = end
    yield end
  }
}

function* rawSentenceEnds(text: string): Generator<number, void, undefined> {
  const segmenter = segmenterOf('sentence')
  if (segmenter === undefined) {
    for (const match of text.matchAll(SENTENCE_END)) yield match.index + match[0].length
  } else {
    for (const { index } of boundaries(text, { start: 0, end: text.length }, segmenter)) yield index
  }
  yield text.length
}

/**
 * Finds where words end: before white space, and inside of what has none where the language writes without, or at a hyphen or slash.
 *
 * @returns Ends, upwards; none stands behind white space.
 * @see {@link https://unicode.org/reports/tr29/#Word_Boundaries | Unicode Standard Annex 29, section 4}
 */
export function* wordEnds(text: string): Generator<number, void, undefined> {
  const segmenter = segmenterOf('word')
  for (const match of text.matchAll(/\S+/g)) {
    const run = { start: match.index, end: match.index + match[0].length }
    if (segmenter !== undefined) {
      for (const { index, isBeforeWord } of boundaries(text, run, segmenter)) {
        if (isBeforeWord && !OPENING.test(text.charAt(index - 1))) yield index
      }
    }
    yield run.end
  }
}

/**
 * Finds where grapheme clusters end, what a reader takes for one character.
 *
 * @param start - Where to begin.
 * @param end - Where to stop.
 * @returns Ends, upwards; the last is `end`.
 * @see {@link https://unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries | Unicode Standard Annex 29, section 3}
 */
export function* graphemeEnds(text: string, start: number, end: number): Generator<number, void, undefined> {
  const segmenter = segmenterOf('grapheme')
  if (segmenter === undefined) {
    for (let next = clusterEnd(text, start); next < end; next = clusterEnd(text, next)) yield next
  } else {
    for (const { index } of boundaries(text, { start, end }, segmenter)) yield index
  }
  yield end
}

/**
 * Finds where code points end; a lone surrogate counts as one.
 *
 * @param start - Where to begin.
 * @param end - Where to stop.
 * @returns Ends, upwards; the last is `end`.
 */
export function* codePointEnds(text: string, start: number, end: number): Generator<number, void, undefined> {
  for (let position = start; position < end;) {
    position += isPair(text, position) ? 2 : 1
    yield position
  }
}

/** The language is fixed, so that a text has the same chunks for every reader. */
function segmenterOf(granularity: Granularity): Intl.Segmenter | undefined {
  // Firefox has it since version 125.
  const { Segmenter } = Intl as { Segmenter?: typeof Intl.Segmenter }
  return Segmenter === undefined ? undefined : new Segmenter('en', { granularity })
}

/** Boundaries inside of a range, without its start and end. */
function* boundaries(text: string, range: Range, segmenter: Intl.Segmenter): Generator<Boundary, void, undefined> {
  const { start, end } = range
  for (let from = start; from < end;) {
    const to = Math.min(from + WINDOW_UNITS, end)
    const known = to === end ? WINDOW_UNITS : WINDOW_UNITS - MARGIN_UNITS
    let last = 0
    for (const { index, isWordLike } of segmenter.segment(text.slice(from, to))) {
      if (index === 0) continue
      if (index > known) break
      last = index
      yield { index: from + index, isBeforeWord: isWordLike === true }
    }
    if (to === end) return
    // Nothing ends here: go on inside of it.
    if (last === 0) last = isPair(text, from + known - 1) ? known - 1 : known
    from += last
  }
}

function isPair(text: string, position: number): boolean {
  return (text.codePointAt(position) as number) > 0xffff
}
