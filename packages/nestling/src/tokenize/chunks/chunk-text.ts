import { BoundaryList } from './boundary-list.js'
import { LongestFit, type TextChunkSpan } from './longest-fit.js'
import { codePointEnds, graphemeEnds, sentenceEnds, skipBlanks, wordEnds } from './text-boundaries.js'
import type { Tokenizer } from '../tokenizer.js'

export type { TextChunkSpan } from './longest-fit.js'

/** How to cut a text. */
export interface ChunkTextOptions {
  /** Most tokens of a chunk, special tokens and the prompt's included; `Infinity` for no limit. */
  readonly maxTokens: number
  /** Most tokens of a chunk that the next one repeats. */
  readonly overlapTokens: number
  /**
   * Counted in front of each chunk.
   *
   * @defaultValue ''
   */
  readonly prompt?: string
}

/** Least share of a chunk, beside special tokens and prompt, that the last two have where they part at a sentence. */
const MIN_SENTENCE_SHARE = 0.4

/** Work in steps: a caller listens for a cancel in between. Returns the chunks at the end. */
export type ChunkSteps = Generator<undefined, TextChunkSpan[], undefined>

/**
 * Cuts a text into chunks that the model reads whole, exactly counted.
 *
 * A text that fits is one chunk with all its white space, so that it has the vector that `encode` gives; so is an empty one.
 * Otherwise each chunk is the longest that fits, cut back to the end of its last sentence where that leaves half of it or more, else
 * to that of its last word; only a word that does not fit alone is cut, between graphemes. Chunks begin and end without white space
 * and cover all else. A single character of more than `maxTokens` tokens is a chunk of its own, the only one that may not fit.
 *
 * Nothing is left over: where the last chunk would fill less than half, the last two share their text evenly, at a sentence near the middle
 * where both have at least two fifths of a chunk, else at a word.
 *
 * With an overlap a chunk begins at the earliest word of the one before from which on that has `overlapTokens` or fewer; at the next
 * word where nothing new would fit behind it.
 *
 * Tokens have no offsets here, so ends are found by counting the tokens of candidates, about six a chunk.
 *
 * @param text - Any string.
 * @param options - Lengths in tokens.
 * @returns Steps of a chunk each, that end in the chunks: at least one, starts and ends going up.
 * @throws {RangeError} If `maxTokens` leaves no room for the text or `overlapTokens` is not less than that room.
 */
export function* chunkSteps(tokenizer: Tokenizer, text: string, options: ChunkTextOptions): ChunkSteps {
  const { maxTokens, overlapTokens, prompt = '' } = options
  const fixedTokens = tokenizer.encode(prompt).tokenCount
  checkRoom(fixedTokens, maxTokens, overlapTokens)
  const { tokenCount } = tokenizer.encode(prompt + text)
  if (tokenCount <= maxTokens) return [{ start: 0, end: text.length, tokenCount }]
  const chunker = new Chunker(tokenizer, text, { maxTokens, overlapTokens, prompt })
  const chunks: TextChunkSpan[] = []
  for (let chunk = chunker.next(undefined); chunk !== undefined; chunk = chunker.next(chunk)) {
    chunks.push(chunk)
    yield
  }
  const [before, last] = chunks.slice(-2)
  if (before !== undefined && last !== undefined) chunks.splice(-2, 2, ...chunker.evenOut(before, last))
  // White space alone may be more tokens than fit.
  return chunks.length > 0 ? chunks : [{ start: 0, end: 0, tokenCount: fixedTokens }]
}

function checkRoom(fixedTokens: number, maxTokens: number, overlapTokens: number): void {
  if (!(maxTokens > fixedTokens)) {
    throw new RangeError(
      `Cannot chunk as maxTokens must be at least ${fixedTokens + 1} to have room beside special tokens and prompt: current value is ${maxTokens}`,
    )
  }
  const room = maxTokens - fixedTokens
  if (overlapTokens >= 0 && overlapTokens < room) return
  throw new RangeError(
    `Cannot chunk as overlapTokens must be from 0 to ${room - 1}, less than a chunk has beside special tokens and prompt: current value is ${overlapTokens}`,
  )
}

/** The text of two chunks, shared between them. */
interface Shared {
  readonly chunks: readonly [TextChunkSpan, TextChunkSpan]
  /** Tokens of the shorter one. */
  readonly least: number
}

function evenest(shared: readonly Shared[]): Shared | undefined {
  const most = Math.max(...shared.map(({ least }) => least))
  return shared.find(({ least }) => least === most)
}

/** Cuts one text that does not fit. */
class Chunker {
  readonly #text: string
  readonly #overlapTokens: number
  readonly #fixedTokens: number
  readonly #room: number
  readonly #tokenizer: Tokenizer
  readonly #specialTokens: number
  readonly #fit: LongestFit
  readonly #words: BoundaryList
  readonly #sentences: BoundaryList
  /** Of the word that is cut now, which ends at `#wordEnd`. */
  #graphemes: BoundaryList | undefined
  #wordEnd = -1

  constructor(tokenizer: Tokenizer, text: string, options: Required<ChunkTextOptions>) {
    this.#text = text
    this.#tokenizer = tokenizer
    this.#overlapTokens = options.overlapTokens
    this.#specialTokens = tokenizer.encode('').tokenCount
    this.#fixedTokens = tokenizer.encode(options.prompt).tokenCount
    this.#room = options.maxTokens - this.#fixedTokens
    this.#fit = new LongestFit(tokenizer, text, options)
    this.#words = new BoundaryList(wordEnds(text))
    this.#sentences = new BoundaryList(sentenceEnds(text))
  }

  /** Gives the chunk behind another; `undefined` where nothing is left. */
  next(before: TextChunkSpan | undefined): TextChunkSpan | undefined {
    const start = skipBlanks(this.#text, before?.end ?? 0)
    if (start === this.#text.length) return undefined
    if (before !== undefined && this.#overlapTokens > 0) {
      const earlier = this.#overlapStart(before)
      const chunk = earlier === undefined ? undefined : this.#atWord(earlier, before.end)
      if (chunk !== undefined) return chunk
    }
    return this.#atWord(start, start) ?? this.#atCharacter(start)
  }

  /** Shares the text of the last two chunks anew where the last one is short. */
  evenOut(before: TextChunkSpan, last: TextChunkSpan): readonly [TextChunkSpan, TextChunkSpan] {
    const { start } = before
    const { end } = last
    if (2 * this.#own(last) >= this.#room) return [before, last]
    const half = (this.#own(this.#fit.count(start, end)) + this.#overlapTokens) / 2
    const words = [...this.#around(this.#words, this.#wordWith(before, half))]
    const middle = words.at(-1) ?? end
    const sentences = this.#around(this.#sentences, this.#sentences.indexAfter(middle - 1))
    const shared = (ends: Iterable<number>): Shared[] =>
      [...ends].flatMap((cut) => this.#shareAt(cut, start, end) ?? [])
    const atSentence = evenest(shared(sentences))
    if (atSentence !== undefined && atSentence.least >= MIN_SENTENCE_SHARE * this.#room) return atSentence.chunks
    const atWord = evenest(shared(words))
    return atWord !== undefined && atWord.least > this.#own(last) ? atWord.chunks : [before, last]
  }

  /** The ends at an index and before it. */
  *#around(ends: BoundaryList, index: number): Generator<number, void, undefined> {
    for (const place of [index - 1, index]) {
      const end = place < 0 ? undefined : ends.at(place)
      if (end !== undefined) yield end
    }
  }

  #shareAt(cut: number, start: number, end: number): Shared | undefined {
    const first = cut > start && cut < end ? this.#fit.measure(start, cut) : undefined
    if (first === undefined) return undefined
    const overlap = this.#overlapTokens > 0 ? this.#overlapStart(first) : undefined
    const second = this.#fit.measure(overlap ?? skipBlanks(this.#text, cut), end)
    if (second === undefined || second.start >= end) return undefined
    return { chunks: [first, second], least: Math.min(this.#own(first), this.#own(second)) }
  }

  /** Index of the first word of a chunk with which it has so many tokens. */
  #wordWith({ start, end }: TextChunkSpan, tokens: number): number {
    let low = this.#words.indexAfter(start)
    let high = this.#words.indexAfter(end - 1)
    while (low < high) {
      const index = (low + high) >> 1
      if (this.#own(this.#fit.count(start, this.#words.at(index) as number)) < tokens) low = index + 1
      else high = index
    }
    return low
  }

  /** Tokens beside special tokens and the prompt's. */
  #own({ tokenCount }: TextChunkSpan): number {
    return tokenCount - this.#fixedTokens
  }

  /** Takes as many words as fit, then goes back to the end of a sentence. */
  #atWord(start: number, minEnd: number): TextChunkSpan | undefined {
    const longest = this.#fit.find(this.#words, start)
    if (longest === undefined || longest.end <= minEnd) return undefined
    const end = this.#sentences.at(this.#sentences.indexAfter(longest.end) - 1) ?? 0
    const isWorthIt = end > minEnd && end < longest.end && (end - start) * 2 >= longest.end - start
    const sentences = isWorthIt ? this.#fit.measure(start, end) : undefined
    return sentences ?? longest
  }

  #atCharacter(start: number): TextChunkSpan {
    const wordEnd = this.#words.at(this.#words.indexAfter(start)) as number
    if (this.#graphemes === undefined || wordEnd !== this.#wordEnd) {
      this.#graphemes = new BoundaryList(graphemeEnds(this.#text, start, wordEnd))
      this.#wordEnd = wordEnd
    }
    const chunk = this.#fit.find(this.#graphemes, start) ?? this.#atCodePoint(this.#graphemes, start)
    // The word was taken for too long by its length alone, and fits.
    return (chunk.end === wordEnd ? this.#atWord(start, start) : undefined) ?? chunk
  }

  #atCodePoint(graphemes: BoundaryList, start: number): TextChunkSpan {
    const graphemeEnd = graphemes.at(graphemes.indexAfter(start)) as number
    const codePoints = new BoundaryList(codePointEnds(this.#text, start, graphemeEnd))
    const chunk = this.#fit.find(codePoints, start)
    if (chunk === undefined) return this.#fit.count(start, codePoints.at(0) as number)
    return (chunk.end === graphemeEnd ? this.#fit.find(graphemes, start) : undefined) ?? chunk
  }

  /** Finds the earliest word of a chunk from which on it has no more tokens than may be repeated. */
  #overlapStart({ start, end }: TextChunkSpan): number | undefined {
    const first = this.#words.indexAfter(start)
    let good = this.#words.indexAfter(end - 1)
    let bad = first - 1
    // Doubling keeps what is tokenized near to what is repeated; then halving.
    for (let step = 1, isGalloping = true; good - bad > 1; step *= 2) {
      const index = isGalloping ? Math.max(good - step, bad + 1) : (good + bad) >> 1
      const position = skipBlanks(this.#text, this.#words.at(index) as number)
      const { tokenCount } = this.#tokenizer.encode(this.#text.slice(position, end))
      if (tokenCount - this.#specialTokens <= this.#overlapTokens) good = index
      else {
        bad = index
        isGalloping = false
      }
    }
    const position = skipBlanks(this.#text, this.#words.at(good) ?? end)
    return position < end ? position : undefined
  }
}
