import { describe, expect, it } from 'vitest'
import type { EncoderSpec, PoolingMode, PositionSpec } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { feedsOf } from './feeds.js'
import { GRAPH } from './graph-names.js'

type Numbering = PositionSpec['numbering']

/** Only what feeds are made from. */
function specOf(modes: readonly PoolingMode[], numbering: Numbering = 'sequential', paddingId = 0): EncoderSpec {
  const embeddings = { position: { numbering, paddingId } } as EncoderSpec['embeddings']
  const layers: readonly unknown[] = [{}]
  const pooling = { modes, includePrompt: true }
  return { embeddings, pooling, masks: [{ isCausal: false }], rotaries: [], layers } as unknown as EncoderSpec
}

/** Two texts, of 4 and of 2 tokens. */
const BATCH: EncoderBatch = {
  count: 2,
  seqLength: 4,
  ids: Int32Array.of(10, 1, 12, 13, 10, 13, 1, 1),
  lengths: Int32Array.of(4, 2),
  skippedTokens: 0,
}

function poolWeights(mode: PoolingMode, batch: EncoderBatch = BATCH): number[] {
  return Array.from(feedsOf(specOf([mode]), batch)[`${GRAPH.poolWeights}0`]?.data as Float32Array)
}

function positions(spec: EncoderSpec): number[] {
  return Array.from(feedsOf(spec, BATCH)[GRAPH.positionIds]?.data as Int32Array)
}

describe('feedsOf()', () => {
  it('numbers positions from 0', () => {
    expect(positions(specOf(['cls']))).toEqual([0, 1, 2, 3, 0, 1, 0, 0])
  })

  it('numbers positions from behind the padding id, and does not count a padding token inside a text', () => {
    // Token 1 is the padding id: in the first text it stands inside, as a literal «<pad>» does.
    expect(positions(specOf(['cls'], 'after-padding-id', 1))).toEqual([2, 1, 3, 4, 2, 3, 0, 0])
  })

  it('masks padding for attention', () => {
    const bias = feedsOf(specOf(['cls']), BATCH)[GRAPH.keyBias]
    expect(bias?.dims).toEqual([2, 1, 1, 4])
    expect(Array.from(bias?.data as Float32Array, (value) => value < -1e4)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      true,
    ])
  })

  it.each<[PoolingMode, number[]]>([
    ['cls', [1, 0, 0, 0, 1, 0, 0, 0]],
    ['lasttoken', [0, 0, 0, 1, 0, 1, 0, 0]],
    ['mean', [1 / 4, 1 / 4, 1 / 4, 1 / 4, 1 / 2, 1 / 2, 0, 0]],
    ['mean_sqrt_len_tokens', [1 / 2, 1 / 2, 1 / 2, 1 / 2, Math.SQRT1_2, Math.SQRT1_2, 0, 0]],
    // Weights 1, 2, 3, 4 over their sum 10, and 1, 2 over 3.
    ['weightedmean', [0.1, 0.2, 0.3, 0.4, 1 / 3, 2 / 3, 0, 0]],
  ])('writes %s as weights of a sum', (mode, expected) => {
    expect(poolWeights(mode)).toEqual(expected.map(Math.fround))
  })

  it.each<[PoolingMode, number[]]>([
    ['cls', [0, 0, 1, 0]],
    ['lasttoken', [0, 0, 0, 1]],
    ['mean', [0, 0, 1 / 2, 1 / 2]],
    ['mean_sqrt_len_tokens', [0, 0, Math.SQRT1_2, Math.SQRT1_2]],
    // The prompt is left out, but positions count from the text's start: 3 and 4 over 7.
    ['weightedmean', [0, 0, 3 / 7, 4 / 7]],
  ])('leaves two prompt tokens out of %s', (mode, expected) => {
    const batch = { ...BATCH, skippedTokens: 2 }
    expect(poolWeights(mode, batch).slice(0, 4)).toEqual(expected.map(Math.fround))
  })

  it('leaves everything but the text out of max', () => {
    const data = feedsOf(specOf(['max']), { ...BATCH, skippedTokens: 1 })[GRAPH.maxBias]?.data as Float32Array
    expect(Array.from(data, (value) => value === 0)).toEqual([false, true, true, true, false, true, false, false])
  })
})
