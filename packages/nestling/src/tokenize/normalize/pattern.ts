import { SplitPreTokenizer } from '@huggingface/tokenizers'
import { unknownPart, type PatternJson } from '../tokenizer-json.js'

/** A stretch of a text that matches, or that lies between matches. */
export interface Match {
  readonly start: number
  readonly end: number
  readonly isMatch: boolean
}

/** Cuts a text into matches and what is between them; no stretch of the latter is empty. */
export type FindMatches = (text: string) => Match[]

/**
 * Code points that are new in Unicode 17; Oniguruma in Python's tokenizers knows Unicode 16.
 *
 * @see `tokenizers/src/utils/onig.rs`
 */
const NEW_IN_UNICODE_17 =
  /[\u088F\u0C5C\u0CDC\u1ACF-\u1ADD\u1AE0-\u1AEB\u20C1\u2B96\uA7CE\uA7CF\uA7D2\uA7D4\uA7F1\uFBC3-\uFBD2\uFD90\uFD91\uFDC8-\uFDCE\u{10940}-\u{10959}\u{10EC5}-\u{10EC7}\u{10ED0}-\u{10ED8}\u{10EFA}\u{10EFB}\u{11B60}-\u{11B67}\u{11DB0}-\u{11DDB}\u{11DE0}-\u{11DE9}\u{16EA0}-\u{16EB8}\u{16EBB}-\u{16ED3}\u{16FF2}-\u{16FF6}\u{187F8}-\u{187FF}\u{18D09}-\u{18D1E}\u{18D80}-\u{18DF2}\u{1CCFA}-\u{1CCFC}\u{1CEBA}-\u{1CED0}\u{1CEE0}-\u{1CEF0}\u{1E6C0}-\u{1E6FF}\u{1F6D8}\u{1F777}-\u{1F77A}\u{1F8D0}-\u{1F8D8}\u{1FA54}-\u{1FA57}\u{1FA8A}\u{1FA8E}\u{1FAC8}\u{1FACD}\u{1FAEA}\u{1FAEF}\u{1FBFA}\u{2B73A}-\u{2B73F}\u{2CEA2}-\u{2CEAD}\u{323B0}-\u{33479}]/gu

/** Code points without a meaning in any version, one UTF-16 unit and two. */
const UNASSIGNED = ['\u0378', '\u{50000}'] as const

/**
 * Compiles a pattern of tokenizer.json.
 *
 * @param json - A literal string, or a regular expression in Oniguruma's syntax.
 * @returns A function that finds its matches.
 * @throws {EmbedderError} `model-unsupported` if JavaScript has no such regular expression.
 */
export function compilePattern(json: PatternJson): FindMatches {
  const find = matchesOf(toRegExp(json))
  return (text) => find(maskNew(text))
}

/**
 * Finds the matches of a regular expression.
 *
 * @param regex - With the flag `g`.
 * @returns A function that finds its matches.
 */
export function matchesOf(regex: RegExp): FindMatches {
  return (text) => {
    const matches: Match[] = []
    let done = 0
    for (const { index, 0: found } of text.matchAll(regex)) {
      // Oniguruma's iterator gives no empty match right behind another match.
      if (found === '' && index === done && matches.length > 0) continue
      if (done < index) matches.push({ start: done, end: index, isMatch: false })
      done = index + found.length
      matches.push({ start: index, end: done, isMatch: true })
    }
    if (done < text.length) matches.push({ start: done, end: text.length, isMatch: false })
    return matches
  }
}

function toRegExp(json: PatternJson): RegExp {
  // The library translates Oniguruma's syntax, where `\s` is another set than in JavaScript and `(?i:` is a group.
  const pattern = 'Regex' in json ? { Regex: foldLikeOniguruma(json.Regex) } : json
  let regex: RegExp | null = null
  try {
    regex = new SplitPreTokenizer({ type: 'Split', pattern, behavior: 'Isolated', invert: false }).pattern
  } catch (cause) {
    const error = unknownPart('pattern', JSON.stringify(json))
    error.cause = cause
    throw error
  }
  if (regex === null) throw unknownPart('pattern', JSON.stringify(json))
  return regex
}

/** In `(?i:`, the library folds ASCII letters to ASCII letters only; the long s and the Kelvin sign are small s and k as well. */
function foldLikeOniguruma(source: string): string {
  return source.replace(/\(\?i:([^()[\]\\]*)\)/g, (_, body: string) => {
    return `(?i:${body.replace(/[sk]/gi, (letter) => (/s/i.test(letter) ? '[sS\u017F]' : '[kK\u212A]'))})`
  })
}

/** Matching is done on a text in which newer letters are no letters; positions stay. */
function maskNew(text: string): string {
  return text.replace(NEW_IN_UNICODE_17, (char) => UNASSIGNED[char.length === 1 ? 0 : 1])
}
