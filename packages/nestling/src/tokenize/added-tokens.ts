import { TextTrie } from './words/text-trie.js'
import type { Vocabulary } from './words/token-model.js'
import type { AddedTokenJson } from './tokenizer-json.js'

/** A stretch of a text: an added token, or text that is still to be tokenized. */
export interface Segment {
  readonly start: number
  readonly end: number
  /** Id of the added token, -1 for text. */
  readonly id: number
}

/** `\w` and `\s` of Rust's regex crate, where `\s` is not JavaScript's: U+FEFF is none, U+0085 is. */
const STARTS_WITH_WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u
const ENDS_WITH_WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]$/u
const SPACE = /\p{White_Space}/u

/**
 * Cuts added tokens out of texts before anything else reads them.
 *
 * Tokens with `normalized: false` are looked for in the text as it is, the others in its normalized form, written as the normalizer
 * writes them.
 *
 * @see `tokenizers/src/tokenizer/added_vocabulary.rs`
 */
export class AddedTokens {
  readonly #ids = new Map<string, number>()
  readonly #tokens = new Map<number, AddedTokenJson>()
  readonly #verbatim: Matcher
  readonly #normalized: Matcher

  /**
   * Registers the tokens of tokenizer.json.
   *
   * @param tokens - `added_tokens`. Their `id` is not read: like Python, the vocabulary decides, and new ones are numbered on.
   * @param vocabulary - The model's vocabulary.
   * @param normalize - The normalizer.
   */
  constructor(tokens: readonly AddedTokenJson[], vocabulary: Vocabulary, normalize: (text: string) => string) {
    let next = vocabulary.size
    for (const token of tokens) {
      if (token.content === '') continue
      const id = this.#ids.get(token.content) ?? vocabulary.idOf(token.content) ?? next++
      this.#ids.set(token.content, id)
      this.#tokens.set(id, token)
    }
    const patterns = { verbatim: new Map<string, number>(), normalized: new Map<string, number>() }
    for (const [id, token] of this.#tokens) {
      const isNormalized = token.normalized ?? token.special !== true
      if (isNormalized) patterns.normalized.set(normalize(token.content), id)
      else patterns.verbatim.set(token.content, id)
    }
    this.#verbatim = new Matcher(patterns.verbatim)
    this.#normalized = new Matcher(patterns.normalized)
  }

  /** One more than the largest id of an added token. */
  get end(): number {
    return Math.max(0, ...this.#ids.values()) + 1
  }

  /** Gives the text of an added token. */
  contentOf(id: number): string | undefined {
    return this.#tokens.get(id)?.content
  }

  /**
   * Looks up an added token.
   *
   * @param content - Its text.
   */
  idOf(content: string): number | undefined {
    return this.#ids.get(content)
  }

  /**
   * Cuts out tokens that are looked for in the text as it is.
   *
   * @param text - A text before normalization.
   * @returns Its segments, in order; they cover the text.
   */
  splitVerbatim(text: string): Segment[] {
    return this.#split(text, this.#verbatim)
  }

  /**
   * Cuts out tokens that are looked for in the normalized text.
   *
   * @param text - A text after normalization.
   * @returns Its segments, in order; they cover the text.
   */
  splitNormalized(text: string): Segment[] {
    return this.#split(text, this.#normalized)
  }

  /** A match that is not a single word, or is no token at all, is passed over whole, as Python does. */
  #split(text: string, matcher: Matcher): Segment[] {
    const segments: Segment[] = []
    let done = 0
    for (let match = matcher.find(text, 0); match !== undefined; match = matcher.find(text, match.end)) {
      const token = this.#tokens.get(match.id) as AddedTokenJson
      if (token.is_text === true || (token.single_word === true && !isSingleWord(text, match))) continue
      const start = token.lstrip === true ? Math.max(done, spacesBefore(text, match.start)) : match.start
      const end = token.rstrip === true ? spacesAfter(text, match.end) : match.end
      // Spaces that the token before has already taken are no token any more.
      if (start >= end) continue
      if (done < start) segments.push({ start: done, end: start, id: -1 })
      segments.push({ start, end, id: match.id })
      done = end
    }
    if (done < text.length) segments.push({ start: done, end: text.length, id: -1 })
    return segments
  }
}

/** Finds patterns: the leftmost, of those that start there the longest. */
class Matcher {
  readonly #trie = new TextTrie()
  /** The first unit of any pattern: most texts have none of them. */
  readonly #start: RegExp

  constructor(patterns: ReadonlyMap<string, number>) {
    const starts = new Set<string>()
    for (const [pattern, id] of patterns) {
      if (pattern === '') continue
      this.#trie.set(pattern, id)
      starts.add(`\\u${pattern.charCodeAt(0).toString(16).padStart(4, '0')}`)
    }
    this.#start = new RegExp(`[${[...starts].join('')}]`, 'g')
  }

  find(text: string, from: number): Segment | undefined {
    this.#start.lastIndex = from
    while (this.#start.test(text)) {
      const start = this.#start.lastIndex - 1
      const match = this.#trie.longestAt(text, start)
      if (match !== undefined) return { start, end: match.end, id: match.value }
    }
    return undefined
  }
}

function isSingleWord(text: string, { start, end }: Segment): boolean {
  // Two units hold any character.
  const before = text.slice(Math.max(0, start - 2), start)
  return !ENDS_WITH_WORD.test(before) && !STARTS_WITH_WORD.test(text.slice(end, end + 2))
}

function spacesBefore(text: string, end: number): number {
  let start = end
  while (start > 0 && SPACE.test(text.charAt(start - 1))) start--
  return start
}

function spacesAfter(text: string, start: number): number {
  let end = start
  while (end < text.length && SPACE.test(text.charAt(end))) end++
  return end
}
