import { createRandom } from './random.js'

/** Texts that the benchmark encodes. No two are equal, as equal ones would be encoded once. */
export interface Corpora {
  /** Short sentences. */
  readonly short: readonly string[]
  /** Texts of 10 to 256 tokens. */
  readonly mixed: readonly string[]
  /** Queries of a few words. */
  readonly queries: readonly string[]
}

/** What corpora are made from. */
export interface CorporaRequest {
  /** Sentences of real prose, in their order; a few hundred. */
  readonly sentences: readonly string[]
  /** Counts tokens with the tokenizer of the model, special tokens included. */
  readonly countTokens: (texts: readonly string[]) => Promise<ArrayLike<number>>
  readonly seed: number
  readonly shortCount: number
  readonly mixedCount: number
  readonly queryCount: number
}

/** Tokens of the mixed corpus's texts; 256 is what the default model reads. */
export const MIXED_TOKENS = { min: 10, max: 256 } as const

/** Words of a short sentence: about 13 tokens, as many as those of STS-B have. */
const SHORT_WORDS = { min: 5, max: 15 } as const

const QUERY_WORDS = { min: 2, max: 6 } as const

/** Words counted in one call of the tokenizer. */
const COUNTED_WORDS = 2048

/**
 * Makes the corpora of a benchmark from prose. The same request gives the same texts.
 *
 * Lengths of the mixed corpus are skewed as those of real collections are, many titles and sentences and few long paragraphs:
 * `10 * 25.6 ** (u * u)` tokens for `u` even from 0 to 1, whose median is 22 and whose mean is 51.
 *
 * @param request - Prose, a tokenizer, and how many texts.
 * @returns Texts; none occurs twice in its corpus.
 */
export async function createCorpora(request: CorporaRequest): Promise<Corpora> {
  const { seed, shortCount, mixedCount, queryCount } = request
  const words = request.sentences.flatMap((sentence) => sentence.split(/\s+/)).filter((word) => word !== '')
  if (words.length < MIXED_TOKENS.max) {
    throw new RangeError(
      `Cannot make corpora as their prose must have at least ${MIXED_TOKENS.max} words: current value is ${words.length}`,
    )
  }
  const wordTokens = await countWords(words, request)
  return {
    short: distinct(shortCount, createRandom(seed), (random) => runOf(words, random, between(SHORT_WORDS, random))),
    mixed: distinct(mixedCount, createRandom(seed + 1), (random) => {
      return textOfTokens(words, wordTokens, random)
    }),
    queries: distinct(queryCount, createRandom(seed + 2), (random) => {
      return runOf(words, random, between(QUERY_WORDS, random)).replaceAll(/[^\p{L}\p{N}'’ -]/gu, '')
    }),
  }
}

/** Tokens of each word of its own; where a model splits at white space, those of a text are their sum. */
async function countWords(words: readonly string[], { countTokens }: CorporaRequest): Promise<Int32Array> {
  const [special = 0] = Array.from(await countTokens(['']))
  const counts = new Int32Array(words.length)
  for (let start = 0; start < words.length; start += COUNTED_WORDS) {
    const part = Array.from(await countTokens(words.slice(start, start + COUNTED_WORDS)))
    counts.set(
      part.map((count) => count - special),
      start,
    )
  }
  return counts
}

function distinct(count: number, random: () => number, make: (random: () => number) => string): string[] {
  const texts = new Set<string>()
  while (texts.size < count) texts.add(make(random))
  return [...texts]
}

function between({ min, max }: { readonly min: number; readonly max: number }, random: () => number): number {
  return min + Math.floor(random() * (max - min + 1))
}

/** Words that follow each other in the prose, from any place on. */
function runOf(words: readonly string[], random: () => number, count: number): string {
  const start = Math.floor(random() * (words.length - count + 1))
  return words.slice(start, start + count).join(' ')
}

/** Two special tokens are around every text of the default model; another model's may be a few tokens longer or shorter. */
const SPECIAL_TOKENS = 2

function textOfTokens(words: readonly string[], wordTokens: Int32Array, random: () => number): string {
  const { min, max } = MIXED_TOKENS
  const wanted = Math.round(min * (max / min) ** (random() ** 2))
  let at = Math.floor(random() * words.length)
  const picked: string[] = []
  let tokens = SPECIAL_TOKENS
  // A word that would be too much is left out; the next one may fit.
  for (let skipped = 0; tokens < wanted && skipped < words.length; at = (at + 1) % words.length) {
    const more = wordTokens[at] ?? 0
    if (tokens + more > wanted) {
      skipped++
    } else {
      picked.push(words[at] ?? '')
      tokens += more
    }
  }
  return picked.join(' ')
}
