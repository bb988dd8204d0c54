import type { ReferenceVectors } from './reference-vectors.js'

/** Which texts are run, by their indices. */
export interface CertificatePlan {
  /** A short text and one in another script, which differ in length, so that one of them is padded. */
  readonly batch: readonly number[]
  /** The short text alone. */
  readonly short: number
}

/** Fewer tokens than that say little: two of them are special. */
const MIN_TOKENS = 5

/**
 * Chooses the texts that are always run.
 *
 * @param reference - Texts and their tokens.
 * @returns Their indices.
 */
export function planCertificate({ texts, encodings }: ReferenceVectors): CertificatePlan {
  const lengths = encodings.map(({ ids }) => ids.length)
  const byLength = lengths.map((_, index) => index).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0))
  const real = byLength.filter((index) => (lengths[index] ?? 0) >= MIN_TOKENS)
  const short = real[0] ?? byLength[0] ?? 0
  const others = [...real, ...byLength].filter((index) => lengths[index] !== lengths[short])
  const foreign = others.find((index) => isMostlyNonLatin(texts[index] ?? '')) ?? others[0]
  return { short, batch: foreign === undefined ? [short] : [short, foreign] }
}

/**
 * Finds the longest text within a number of tokens.
 *
 * @param tokens - Most tokens.
 * @param done - Texts that have been run.
 * @returns Its index; `undefined` where none fits.
 */
export function longestWithin(
  { encodings }: ReferenceVectors,
  tokens: number,
  done: readonly number[],
): number | undefined {
  let longest: number | undefined
  for (const [index, { ids }] of encodings.entries()) {
    if (ids.length > tokens || done.includes(index)) continue
    if (longest === undefined || ids.length > (encodings[longest]?.ids.length ?? 0)) longest = index
  }
  return longest
}

function isMostlyNonLatin(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0
  return letters > 0 && latin < letters / 2
}
