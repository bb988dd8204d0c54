/**
 * What readers leave out: accents of Latin, Greek and Cyrillic letters, points of Hebrew, vowel marks and the stroke (tatweel) of Arabic, and
 * signs that have no width, as the soft hyphen. Marks of other scripts are vowels or other letters, and stay.
 */
const DROPPED =
  /[\u0300-\u036F\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0640\u064B-\u0652\u0670\u00AD\u200C-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g

/**
 * Letters that are written in several ways: forms of Arabic alef, yeh and teh marbuta as in Lucene's `ArabicNormalizer`, the Greek sigma at
 * the end of a word, and the hyphen that is none of ASCII.
 */
const SAME_LETTERS: Readonly<Record<string, string>> = {
  آ: 'ا',
  أ: 'ا',
  إ: 'ا',
  ٱ: 'ا',
  ى: 'ي',
  ة: 'ه',
  ς: 'σ',
  '\u2010': '-',
}
const OTHER_FORMS = new RegExp(`[${Object.keys(SAME_LETTERS).join('')}]`, 'g')

const ASCII = /^[\0-\x7f]*$/

/** What is normalised apart from what stands around it: a character with its marks, or letters that Hangul syllables are made of. */
const CLUSTERS =
  /[\uAC00-\uD7A3]?[\u1100-\u11FF\u3130-\u318F\uA960-\uA97F\uD7B0-\uD7FF\uFFA0-\uFFDC]+\p{M}*|[^][\p{M}\uFF9E\uFF9F]*/gu

/** A text in the form in which words are compared, and where its units come from. */
export interface FoldedText {
  readonly text: string
  /** First unit in the text as it was of what each unit comes from. */
  readonly starts: Int32Array
  /** The unit behind it. */
  readonly ends: Int32Array
}

/** Whether a text has characters of ASCII alone, which are the same however they are normalised. */
export function isAscii(text: string): boolean {
  return ASCII.test(text)
}

/** Makes texts equal that readers take for equal, but for the case: without accents, compatible forms made equal (`ﬁ` is `fi`). */
export function foldText(text: string): string {
  if (isAscii(text)) return text
  const plain = text.normalize('NFKD').replace(DROPPED, '').normalize('NFC')
  return plain.replace(OTHER_FORMS, (letter) => SAME_LETTERS[letter] as string)
}

/** The same, with what leads back to the text as it was. */
export function foldWithOffsets(text: string): FoldedText {
  const starts: number[] = []
  const ends: number[] = []
  let folded = ''
  for (const { 0: cluster, index: start } of text.matchAll(CLUSTERS)) {
    const plain = foldText(cluster)
    folded += plain
    for (let unit = 0; unit < plain.length; unit++) {
      starts.push(start)
      ends.push(start + cluster.length)
    }
  }
  return { text: folded, starts: Int32Array.from(starts), ends: Int32Array.from(ends) }
}
