import type { PoolingMode } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { poolWeights } from '../pool-weights.js'

/** Where the tokens of each text of a batch are when they follow one another without padding. */
export interface TokenRows {
  readonly tokens: number
  /** Tokens of the longest text. */
  readonly longest: number
  /** First row of each text. */
  readonly starts: readonly number[]
  readonly lengths: readonly number[]
}

/** Finds the rows of a batch's texts. */
export function tokenRowsOf(batch: EncoderBatch): TokenRows {
  const lengths = Array.from(batch.lengths)
  const starts: number[] = []
  let tokens = 0
  for (const length of lengths) {
    starts.push(tokens)
    tokens += length
  }
  return { tokens, longest: Math.max(1, ...lengths), starts, lengths }
}

/**
 * Leaves padding out.
 *
 * @param values - `[count, seqLength]`, row-major.
 * @param target - Gets one value a token.
 */
export function writeTokenRows(
  values: Int32Array | Float32Array,
  batch: EncoderBatch,
  { starts, lengths }: TokenRows,
  target: Int32Array | Float32Array,
): void {
  starts.forEach((start, text) => {
    const from = text * batch.seqLength
    target.set(values.subarray(from, from + (lengths[text] ?? 0)), start)
  })
}

/**
 * Weighs each token for a pooling mode.
 *
 * @param mode - Every mode but `max`.
 * @param target - Gets one weight a token.
 */
export function writePoolWeights(
  mode: Exclude<PoolingMode, 'max'>,
  batch: EncoderBatch,
  rows: TokenRows,
  target: Float32Array,
): void {
  writeTokenRows(poolWeights(mode, batch), batch, rows, target)
}

/**
 * Splits a batch so that memory stays bounded: no text looks at another, so vectors are the same.
 *
 * @param maxTokens - Tokens of a part, padding left out; a single text may have more.
 * @returns Its parts in order.
 */
export function splitBatch(batch: EncoderBatch, maxTokens: number): EncoderBatch[] {
  const parts: EncoderBatch[] = []
  let first = 0
  let tokens = 0
  const end = (next: number): void => {
    const { seqLength, skippedTokens } = batch
    const ids = batch.ids.subarray(first * seqLength, next * seqLength)
    parts.push({ count: next - first, seqLength, ids, lengths: batch.lengths.subarray(first, next), skippedTokens })
    first = next
    tokens = 0
  }
  batch.lengths.forEach((length, text) => {
    if (text > first && tokens + length > maxTokens) end(text)
    tokens += length
  })
  if (first < batch.count) end(batch.count)
  return parts
}
