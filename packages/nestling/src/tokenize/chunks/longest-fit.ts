import type { BoundaryList } from './boundary-list.js'
import type { Tokenizer } from '../tokenizer.js'

/** One chunk of a text. */
export interface TextChunkSpan {
  /** Where it starts in the text, in UTF-16 units. */
  readonly start: number
  /** Where it ends, the first unit that is not in it. */
  readonly end: number
  /** Its tokens, special tokens and the prompt's included. */
  readonly tokenCount: number
}

/** UTF-16 units of a token before the first chunk is known: English has 4 to 5. */
const FIRST_UNITS_PER_TOKEN = 4

/** First step of a search that found nothing to be too long, in UTF-16 units; doubled each time. */
const FIRST_STEP_UNITS = 16

/** An end that was too far once is not tried again before it is nearer than this many chunks: a try takes time by its length. */
const FAR_CHUNKS = 8

/** Finds how far a chunk may go. A longer text may have fewer tokens, so the answer is a boundary that fits before one that does not. */
export class LongestFit {
  readonly #tokenizer: Tokenizer
  readonly #text: string
  readonly #prompt: string
  readonly #maxTokens: number
  readonly #fixedTokens: number
  /** First ends of a search that did not fit. */
  readonly #refused = new Set<number>()
  #unitsPerToken = FIRST_UNITS_PER_TOKEN

  /**
   * Prepares for one text.
   *
   * @param tokenizer - The model's tokenizer.
   * @param limits.maxTokens - Most tokens, those of the prompt included.
   * @param limits.prompt - Counted in front of each chunk.
   */
  constructor(tokenizer: Tokenizer, text: string, limits: { readonly maxTokens: number; readonly prompt: string }) {
    this.#tokenizer = tokenizer
    this.#text = text
    this.#prompt = limits.prompt
    this.#maxTokens = limits.maxTokens
    this.#fixedTokens = tokenizer.encode(limits.prompt).tokenCount
  }

  /**
   * Counts the tokens of a part of the text.
   *
   * @returns The part, whether it fits or not.
   */
  count(start: number, end: number): TextChunkSpan {
    const { tokenCount } = this.#tokenizer.encode(this.#prompt + this.#text.slice(start, end))
    return { start, end, tokenCount }
  }

  /**
   * Counts the tokens of a part of the text that may fit.
   *
   * @returns The part; `undefined` if it does not fit.
   */
  measure(start: number, end: number): TextChunkSpan | undefined {
    const chunk = this.count(start, end)
    return chunk.tokenCount <= this.#maxTokens ? chunk : undefined
  }

  /**
   * Finds an end that fits while the next does not.
   *
   * @param ends - Where a chunk may end.
   * @returns The chunk; `undefined` if the first end does not fit.
   */
  find(ends: BoundaryList, start: number): TextChunkSpan | undefined {
    const room = this.#maxTokens - this.#fixedTokens
    const first = ends.indexAfter(start)
    const firstEnd = ends.at(first)
    const isFar = firstEnd !== undefined && firstEnd - start > FAR_CHUNKS * room * this.#unitsPerToken
    if (firstEnd === undefined || (isFar && this.#refused.has(firstEnd))) return undefined
    const bracket = new Bracket({ start, end: start, tokenCount: this.#fixedTokens }, first - 1, this.#maxTokens)
    let target = start + room * this.#unitsPerToken
    while (bracket.isOpen && ends.at(bracket.low + 1) !== undefined) {
      const index = bracket.clamp(ends.indexAfter(target) - 1)
      bracket.set(index, this.count(start, ends.at(index) as number))
      target = bracket.guess()
    }
    const { longest } = bracket
    if (longest.end === start) {
      this.#refused.add(firstEnd)
      return undefined
    }
    this.#refused.delete(longest.end)
    this.#unitsPerToken = (longest.end - start) / Math.max(1, longest.tokenCount - this.#fixedTokens)
    return longest
  }
}

/** What a search knows: an end that fits and one that does not. */
class Bracket {
  /** Index of the last end that fits. */
  low: number
  longest: TextChunkSpan
  readonly #maxTokens: number
  readonly #fixedTokens: number
  #high = Infinity
  #shortest: TextChunkSpan | undefined
  #stepUnits = FIRST_STEP_UNITS
  #tries = 0

  constructor(nothing: TextChunkSpan, low: number, maxTokens: number) {
    this.longest = nothing
    this.low = low
    this.#fixedTokens = nothing.tokenCount
    this.#maxTokens = maxTokens
  }

  get isOpen(): boolean {
    return this.#high - this.low > 1
  }

  /** Every third try halves, so that an odd text takes no more than thrice the steps of a bisection. */
  clamp(index: number): number {
    const isHalving = this.#tries % 3 === 2 && this.#high !== Infinity
    const wanted = isHalving ? (this.low + this.#high) >> 1 : index
    return Math.min(Math.max(wanted, this.low + 1), this.#high - 1)
  }

  set(index: number, chunk: TextChunkSpan): void {
    this.#tries++
    if (chunk.tokenCount <= this.#maxTokens) {
      this.low = index
      this.longest = chunk
    } else {
      this.#high = index
      this.#shortest = chunk
    }
  }

  /** Guesses the position of the end from the tokens of those that were tried. */
  guess(): number {
    const { start, end, tokenCount } = this.longest
    const left = this.#maxTokens - tokenCount
    if (this.#shortest !== undefined) {
      return end + ((this.#shortest.end - end) * left) / (this.#shortest.tokenCount - tokenCount)
    }
    const units = ((end - start) * left) / Math.max(1, tokenCount - this.#fixedTokens)
    const step = this.#stepUnits
    this.#stepUnits *= 2
    return end + Math.max(step, Math.min(units, end - start))
  }
}
