import { chunkSteps, type ChunkTextOptions, type TextChunkSpan } from '../tokenize/chunks/chunk-text.js'
import type { Tokenizer } from '../tokenize/tokenizer.js'

/** Chunks that are found at a stretch, and texts that are one: about 20 ms of long chunks. */
const SLICE_STEPS = 16

/**
 * Cuts many texts in slices, so that a cancel is heard in between.
 *
 * @param options - Lengths in tokens, and the prompt that goes in front of each chunk.
 * @param pause - Called before each slice; may throw to end the work.
 * @returns The chunks of each text, one or more.
 * @throws {RangeError} As `chunkSteps` does.
 */
export async function chunkAll(
  tokenizer: Tokenizer,
  texts: readonly string[],
  options: ChunkTextOptions,
  pause: () => Promise<void>,
): Promise<TextChunkSpan[][]> {
  const chunks: TextChunkSpan[][] = []
  let count = 0
  for (const text of texts) {
    const steps = chunkSteps(tokenizer, text, options)
    for (;;) {
      if (count++ % SLICE_STEPS === 0) await pause()
      const { done, value } = steps.next()
      if (done !== true) continue
      chunks.push(value)
      break
    }
  }
  return chunks
}
