import { isAscii } from './fold-text.js'
import { cutWithoutSpaces, WITHOUT_SPACES } from './script-runs.js'

/**
 * What a term is to the word that it comes from.
 *
 * - `word`: all of it, or one of the pairs of characters of a script without spaces.
 * - `whole`: a name as it is written, as `pg_stat_activity`, beside its parts.
 * - `joined`: the same of what may as well be written apart, as `high-speed`.
 * - `part`: one of several, as `stat`.
 * - `inner`: of texts alone, so that a query of one character finds it.
 */
export type TermKind = 'word' | 'whole' | 'joined' | 'part' | 'inner'

/** What texts and queries are compared by. */
export interface Term {
  /** In small letters. */
  readonly text: string
  readonly kind: TermKind
  /** First UTF-16 unit in the folded text. */
  readonly start: number
  /** The unit behind it. */
  readonly end: number
}

/** Letters, joined by what stands inside of names: `os.path`, `--enable-foo`, `float8::money`, `__init__`, `C++`, `.net`. */
function namesOf(first: string, others: string): RegExp {
  const word = `[${first}][${first}${others}]*`
  return new RegExp(`(?:--?|\\.)?${word}(?:(?:[.-]|::)${word})*(?:\\+\\+|#)?`, 'gu')
}

const NAMES = namesOf('\\p{L}\\p{N}_', '\\p{M}')
/** Four times as fast. */
const ASCII_NAMES = namesOf('A-Za-z0-9_', '')

/** What makes a word more than one: signs, and capitals inside. `URLs` is one. */
const SIGNS = /[_.:#+-]/
const CAPITALS = /\p{Ll}\p{N}*\p{Lu}|\p{Lu}{2}\p{Ll}{2}/u

/** Longer names have only their parts: nobody asks for a line of a hundred numbers with dots between them. */
const MAX_NAME = 100

/** `HTTPServer` is `HTTP` and `Server`. */
const BY_CAPITALS = /\p{Lu}+(?!\p{Ll})\p{N}*|\p{Lu}?[^\p{Lu}]+|\p{Lu}+/gu

/**
 * Splits a folded text into terms, in the order of their ends: words, names as they are written and their parts.
 *
 * A sign in front of a name belongs to it only where no letter is before it; a dot behind it never does.
 */
export function splitTerms(folded: string): Term[] {
  const terms: Term[] = []
  for (const { 0: name, index } of folded.matchAll(isAscii(folded) ? ASCII_NAMES : NAMES)) {
    if (SIGNS.test(name) || CAPITALS.test(name)) addName(terms, name, index, folded)
    else addWord(terms, name, index, 'word')
  }
  return terms
}

/** Whether a term counts for the length of a text: of names their parts alone do. */
export function countsForLength({ kind }: Term): boolean {
  return kind === 'word' || kind === 'part'
}

function addWord(terms: Term[], word: string, start: number, kind: 'word' | 'part'): void {
  if (!WITHOUT_SPACES.test(word)) {
    terms.push({ text: word.toLowerCase(), kind, start, end: start + word.length })
    return
  }
  for (const piece of cutWithoutSpaces(word)) {
    const from = start + piece.start
    const text = piece.text.toLowerCase()
    terms.push({ text, kind: piece.kind === 'word' ? kind : piece.kind, start: from, end: from + piece.text.length })
  }
}

function addName(terms: Term[], match: string, index: number, folded: string): void {
  const { name, start } = withoutStrayLead(match, index, folded)
  const parts = Array.from(name.matchAll(/[^_.:#+-]+/g)).flatMap(({ 0: part, index: at }) => {
    if (!CAPITALS.test(part)) return [{ part, at }]
    return Array.from(part.matchAll(BY_CAPITALS), (found) => ({ part: found[0], at: at + found.index }))
  })
  const [first] = parts
  // Lines of underscores and the like.
  if (first === undefined) return
  const isOne = parts.length === 1
  if (isOne && first.part.length === name.length) {
    addWord(terms, name, start, 'word')
    return
  }
  for (const { part, at } of parts) addWord(terms, part, start + at, 'part')
  if (name.length > MAX_NAME) return
  // `--enable-foo` is also asked for as `enable-foo`; of one part, the sign is all that tells the name from the word.
  const text = (isOne ? name : name.replace(/^[-.]+/, '')).toLowerCase()
  const isJoined = !isOne && /^[^_.:#+]+$/.test(text) && !CAPITALS.test(name)
  terms.push({ text, kind: isJoined ? 'joined' : 'whole', start, end: start + name.length })
}

/** A hyphen or a dot in front belongs to a name only if nothing is before it and a letter behind: not in `-1` and `and --or`. */
function withoutStrayLead(match: string, index: number, folded: string): { name: string; start: number } {
  const lead = /^[-.]*/.exec(match)?.[0].length ?? 0
  const isBound = index === 0 || /[\s([{"'`“‘«=,;|/]/.test(folded.charAt(index - 1))
  const kept = isBound && /^\p{L}/u.test(match.slice(lead))
  return kept ? { name: match, start: index } : { name: match.slice(lead), start: index + lead }
}
