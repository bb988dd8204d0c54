import { create } from '../../dom/create.js'
import type { Sentence } from './sentences.js'

/** Shorter words stand in every text. */
const LEAST_LETTERS = 3

/** So do these, which questions are made of. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  'and are can did does for from has have how its not that the this was what when where which who why will with you your'.split(
    ' ',
  ),
)

/** Letters of the longer word that may be an ending: `rises` for `rise`, `baking` for `bake`. */
const MOST_ENDING = 3

/**
 * Writes a text with its words that the query has too, and with the sentence that says most like it.
 *
 * @param query - What was looked for.
 * @param best - The nearest sentence, where it is known.
 * @returns Nodes.
 */
export function highlighted(text: string, query: string, best: Sentence | undefined): readonly Node[] {
  const words = wordsOf(query).map(({ text: word }) => word.toLowerCase())
  const wanted = words.filter((word) => !COMMON_WORDS.has(word))
  if (best === undefined) return markWords(text, wanted)
  return [
    ...markWords(text.slice(0, best.start), wanted),
    create('mark', {}, markWords(text.slice(best.start, best.end), wanted)),
    ...markWords(text.slice(best.end), wanted),
  ]
}

function markWords(text: string, wanted: readonly string[]): Node[] {
  const nodes: Node[] = []
  let end = 0
  for (const word of wordsOf(text)) {
    if (!wanted.some((other) => isSameWord(word.text.toLowerCase(), other))) continue
    nodes.push(document.createTextNode(text.slice(end, word.start)), create('mark', { class: 'word' }, [word.text]))
    end = word.start + word.text.length
  }
  return [...nodes, document.createTextNode(text.slice(end))]
}

function wordsOf(text: string): readonly { readonly text: string; readonly start: number }[] {
  return Array.from(text.matchAll(/[\p{L}\p{N}]+/gu), (match) => ({ text: match[0], start: match.index })).filter(
    (word) => word.text.length >= LEAST_LETTERS,
  )
}

function isSameWord(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  const stem = short.endsWith('e') ? short.slice(0, -1) : short
  return (
    short === long || (stem.length > LEAST_LETTERS && long.startsWith(stem) && long.length - stem.length <= MOST_ENDING)
  )
}
