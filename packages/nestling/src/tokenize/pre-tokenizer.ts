import { createByteLevel, type ByteLevelJson } from './byte-level.js'
import { createMetaspace, type MetaspaceJson } from './metaspace.js'
import { compilePattern, matchesOf } from './normalize/pattern.js'
import { createSplit } from './split.js'
import { unknownPart, type PartJson, type PatternJson } from './tokenizer-json.js'
import { unicodeClass } from './normalize/unicode-sets.js'

/**
 * Cuts a normalized text into the words a model reads.
 *
 * `startLength` tells how much of the text stems from the first character of all that is tokenized, in UTF-16 units; 0 for a text from
 * further on. Python finds out by following every character through the normalizer.
 */
export type PreTokenizer = (text: string, startLength: number) => string[]

interface SplitJson {
  readonly pattern: PatternJson
  readonly behavior: string
  readonly invert: boolean
}

const ASCII_PUNCTUATION = '!-\\/:-@\\[-`\\{-~'

/** `\\w` of Rust's regex crate. */
const WORD = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}'

/** Length of the pieces of `FixedLength` where tokenizer.json is silent. */
const FIXED_LENGTH = 5

/** Characters that are of one kind; `u` as their class is full of code points beyond the basic plane. */
const punctuation = (): string => ASCII_PUNCTUATION + unicodeClass('punctuation')

/** A part's own options stand beside its `type`. */
const CREATE: Readonly<Record<string, (json: never) => PreTokenizer>> = {
  Sequence: (json: { readonly pretokenizers: readonly PartJson[] }) => createSequence(json.pretokenizers),
  BertPreTokenizer: () => matching(`[^\\p{White_Space}${punctuation()}]+|[${punctuation()}]`),
  WhitespaceSplit: () => matching('\\P{White_Space}+'),
  Whitespace: () => createSplit(compilePattern({ Regex: `[${WORD}]+|[^${WORD}\\s]+` }), 'Removed', true),
  Punctuation: (json: { readonly behavior?: string }) =>
    createSplit(matchesOf(new RegExp(`[${punctuation()}]`, 'gu')), json.behavior ?? 'Isolated'),
  Digits: (json: { readonly individual_digits?: boolean }) =>
    matching(json.individual_digits === true ? '\\p{N}|\\P{N}+' : '\\p{N}+|\\P{N}+'),
  Split: (json: SplitJson) => createSplit(compilePattern(json.pattern), json.behavior, json.invert),
  ByteLevel: (json: ByteLevelJson) => createByteLevel(json),
  Metaspace: (json: MetaspaceJson) => createMetaspace(json),
  FixedLength: (json: { readonly length?: number }) => matching(`[^]{1,${json.length ?? FIXED_LENGTH}}`),
}

/**
 * Makes the pre-tokenizer of tokenizer.json.
 *
 * @returns The pre-tokenizer; without one, a text is one word.
 * @throws {EmbedderError} `model-unsupported` if its type is not known.
 */
export function createPreTokenizer(json: PartJson | null | undefined): PreTokenizer {
  if (json === null || json === undefined) return (text) => [text]
  if (!Object.hasOwn(CREATE, json.type)) throw unknownPart('pre_tokenizer', json.type)
  return (CREATE[json.type] as (json: PartJson) => PreTokenizer)(json)
}

function createSequence(parts: readonly PartJson[]): PreTokenizer {
  const preTokenizers = parts.map(createPreTokenizer)
  return (text, startLength) => {
    let pieces: Piece[] = [{ text, startLength }]
    for (const preTokenize of preTokenizers) {
      pieces = pieces.flatMap((piece) => followStart(piece, preTokenize(piece.text, piece.startLength)))
    }
    return pieces.map((piece) => piece.text)
  }
}

interface Piece {
  readonly text: string
  readonly startLength: number
}

/** Finds the pieces in the text they come from; one that was rewritten counts as standing where the one before it ended. */
function followStart({ text, startLength }: Piece, pieces: readonly string[]): Piece[] {
  let at = 0
  return pieces.map((piece) => {
    if (at >= startLength) return { text: piece, startLength: 0 }
    const start = Math.max(at, text.indexOf(piece, at))
    at = start + piece.length
    return { text: piece, startLength: Math.max(0, startLength - start) }
  })
}

function matching(source: string): PreTokenizer {
  const regex = new RegExp(source, 'gu')
  return (text) => text.match(regex) ?? []
}
