import { describe, expect, it } from 'vitest'
import type { EncoderSpec } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { distanceBucket } from '../distance-bucket.js'
import { attentionFeeds } from './attention-feeds.js'
import { GRAPH } from './graph-names.js'

const BATCH: EncoderBatch = {
  count: 1,
  seqLength: 4,
  ids: new Int32Array(4),
  lengths: Int32Array.of(4),
  skippedTokens: 0,
}

function specOf(spec: Partial<EncoderSpec>): EncoderSpec {
  const layers: readonly unknown[] = [{}]
  return { masks: [{ isCausal: false }], rotaries: [], layers, ...spec } as EncoderSpec
}

/** Which keys each query may see, as rows of 0 and 1. */
function visible(mask: EncoderSpec['masks'][number]): string[] {
  const feed = attentionFeeds(specOf({ masks: [mask] }), BATCH)[`${GRAPH.queryBias}0`]
  const flags = Array.from(feed?.data as Float32Array, (value) => (value === 0 ? '1' : '0')).join('')
  return flags.match(/.{4}/g) ?? []
}

describe('attentionFeeds()', () => {
  it('hides what comes later from a causal model', () => {
    expect(visible({ isCausal: true })).toEqual(['1000', '1100', '1110', '1111'])
  })

  it('hides what is too far away', () => {
    expect(visible({ isCausal: false, maxDistance: 1 })).toEqual(['1100', '1110', '0111', '0011'])
    expect(visible({ isCausal: true, maxDistance: 1 })).toEqual(['1000', '1100', '0110', '0011'])
  })

  it('spreads a column of zeros where nothing is hidden', () => {
    expect(attentionFeeds(specOf({}), BATCH)[`${GRAPH.queryBias}0`]?.dims).toEqual([1, 1, 4, 1])
  })

  it('turns by position times frequency', () => {
    const feeds = attentionFeeds(specOf({ rotaries: [{ inverseFrequencies: [1, 0.5] }] }), BATCH)
    expect(feeds[`${GRAPH.rotaryCos}0`]?.dims).toEqual([4, 2])
    expect(Array.from(feeds[`${GRAPH.rotarySin}0`]?.data as Float32Array)).toEqual(
      [0, 0, Math.sin(1), Math.sin(0.5), Math.sin(2), Math.sin(1), Math.sin(3), Math.sin(1.5)].map(Math.fround),
    )
  })

  it('has nothing to say to a table without layers', () => {
    expect(attentionFeeds(specOf({ layers: [] }), BATCH)).toEqual({})
  })
})

describe('distanceBucket()', () => {
  it('gives near distances a bucket each, by direction', () => {
    expect([0, -1, -7, 1, 7].map((distance) => distanceBucket(distance, 32, 128))).toEqual([0, 1, 7, 17, 23])
  })

  it('shares buckets on a scale of logarithms, and the last from the largest distance on', () => {
    // 8 + trunc(ln(d / 8) / ln(16) * 8): 8 -> 8, 11 -> 8.9, 12 -> 9.2, 16 -> 10, 32 -> 12, 64 -> 14, 127 -> 15.98, then 15 at most.
    const distances = [8, 11, 12, 16, 32, 64, 127, 128, 5000]
    expect(distances.map((distance) => distanceBucket(-distance, 32, 128))).toEqual([8, 8, 9, 10, 12, 14, 15, 15, 15])
  })
})
