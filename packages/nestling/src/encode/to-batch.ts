import type { EncoderBatch } from '../engine/engine.js'
import type { Encoding } from '../tokenize/tokenizer.js'

/**
 * Pads the tokens of a few texts to one length, on the right.
 *
 * @param paddingId - Id that fills up.
 * @param skippedTokens - Leading tokens that pooling leaves out.
 * @returns What an engine runs.
 */
export function toBatch(
  encodings: readonly Pick<Encoding, 'ids'>[],
  paddingId: number,
  skippedTokens: number,
): EncoderBatch {
  const lengths = Int32Array.from(encodings, ({ ids }) => ids.length)
  // A text without a single token (no special tokens either) still needs a place.
  const seqLength = Math.max(1, ...lengths)
  const ids = new Int32Array(encodings.length * seqLength).fill(paddingId)
  encodings.forEach((encoding, row) => {
    ids.set(encoding.ids, row * seqLength)
  })
  return { count: encodings.length, seqLength, ids, lengths, skippedTokens }
}
