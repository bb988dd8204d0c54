import type { Encoding, Tokenizer } from '../tokenize/tokenizer.js'

/** UTF-16 units a millisecond of the slowest tokenizer that was measured. */
const UNITS_PER_MS = 200

/** Texts tokenized at a stretch: about 5 ms. */
const SLICE_TEXTS = 128

/**
 * Tokenizes many texts in slices, so that a cancel is heard in between.
 *
 * @param prompt - Put in front of each text.
 * @param pause - Called before each slice; may throw to end the work.
 * @returns One encoding a text.
 */
export async function tokenizeAll(
  tokenizer: Tokenizer,
  texts: readonly string[],
  prompt: string,
  pause: () => Promise<void>,
): Promise<Encoding[]> {
  const encodings: Encoding[] = []
  for (const text of texts) {
    if (encodings.length % SLICE_TEXTS === 0) await pause()
    encodings.push(tokenizer.encode(prompt + text))
  }
  return encodings
}

/**
 * Predicts how long a text takes to tokenize, rather too long than too short.
 *
 * @param units - Its length in UTF-16 units.
 * @returns Milliseconds.
 */
export function tokenizeMs(units: number): number {
  return units / UNITS_PER_MS
}
