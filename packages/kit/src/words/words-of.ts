import { foldText } from './fold-text.js'
import { splitTerms } from './split-terms.js'

/** Splits a text into words as they are compared, names also into their parts. */
export function wordsOf(text: string): string[] {
  return splitTerms(foldText(text)).map((term) => term.text)
}
