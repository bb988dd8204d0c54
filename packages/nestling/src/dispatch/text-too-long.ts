import { EmbedderError } from '../wire/embedder-error.js'

/** What a call with `onTruncate: 'error'` fails with. */
export function textTooLong(index: number, tokenCount: number, maxSeqLength: number): EmbedderError {
  return new EmbedderError(
    'text-too-long',
    `Cannot encode as every text must have at most ${maxSeqLength} tokens: current number at index ${index} is ${tokenCount}\nShorten it, or encode with onTruncate: 'truncate' or 'chunk'`,
    { details: { index, tokenCount, maxSeqLength } },
  )
}
