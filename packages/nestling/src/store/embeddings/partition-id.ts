import { toHex } from '@nestling/kit/math/hex'
import type { StoredPartition } from './stored-block.js'
import { digestText, packDigests } from './text-digest.js'

/** Raised when blocks change their form, or our own numerics change so that old vectors are no longer what is encoded. */
const FORMAT = 1

/**
 * Digests all that decides, beside its text, what a vector is.
 *
 * @param facts - What the vectors have in common; the model's name is left out, as renaming a model changes no vector.
 * @returns 32 hexadecimal digits.
 */
export function partitionIdOf(facts: StoredPartition): string {
  const { spaceId, prompt, maxSeqLength, numerics, onTruncate } = facts
  // Counted up when texts are cut elsewhere, as the mean of other chunks is another vector.
  const treatment = onTruncate === 'chunk' ? 'chunk 2' : onTruncate
  // `String`, as JSON has no infinity. Lone surrogates stay apart: JSON escapes them.
  const parts = [FORMAT, spaceId, prompt, String(maxSeqLength), numerics, treatment]
  const bytes = packDigests([digestText(JSON.stringify(parts))])
  return toHex(bytes)
}
