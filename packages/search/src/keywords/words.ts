/** What stands between words: white space, punctuation and symbols. */
const BETWEEN_WORDS = /[\s\p{P}\p{S}\p{Z}]+/u

/** Accents of Latin, Greek and Cyrillic letters. Marks of other scripts are vowels or other letters, and stay. */
const ACCENTS = /[\u0300-\u036F]/g

/** Scripts that put no spaces between words. */
const WITHOUT_SPACES = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}]/u

/** Made on first use, as it loads dictionaries. The language does not matter: the dictionary is chosen by script. */
let segmenter: Intl.Segmenter | undefined

/**
 * Splits a text into words as they are compared: small letters, without accents, compatible forms made equal (`ﬁ` is `fi`).
 *
 * @param text - Any text.
 * @returns The words in their order. Chinese, Japanese, Thai, Lao, Khmer and Burmese are split by the browser's dictionaries.
 */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase()
  return plain.split(BETWEEN_WORDS).flatMap((word) => {
    if (word === '') return []
    return WITHOUT_SPACES.test(word) ? segmentsOf(word) : [word]
  })
}

function segmentsOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' })
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}
