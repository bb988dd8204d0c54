import type { EncoderSpec } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { MASKED_MAX, poolWeights } from '../pool-weights.js'
import { positionIds } from '../position-ids.js'
import { attentionFeeds } from './attention-feeds.js'
import { float, int32, int64, type Feed } from './feed.js'
import { GRAPH } from './graph-names.js'
import { maskBias } from './mask-bias.js'

/**
 * Computes everything the graph needs to know of a batch.
 *
 * @param spec - The encoder.
 * @param batch - Padded token ids.
 * @returns The graph's inputs by name.
 */
export function feedsOf(spec: EncoderSpec, batch: EncoderBatch): Record<string, Feed> {
  const { count, seqLength } = batch
  const feeds: Record<string, Feed> = {
    [GRAPH.inputIds]: int32(batch.ids, [count * seqLength]),
    [GRAPH.batchShape]: int64([count, seqLength, -1]),
    ...attentionFeeds(spec, batch),
  }
  if (spec.embeddings.position !== undefined) {
    feeds[GRAPH.positionIds] = int32(positionIds(spec.embeddings.position, batch), [count * seqLength])
  }
  spec.pooling.modes.forEach((mode, index) => {
    if (mode === 'max') {
      feeds[GRAPH.maxBias] = float(maskBias(batch, batch.skippedTokens, MASKED_MAX), [count, seqLength, 1])
    } else {
      feeds[`${GRAPH.poolWeights}${index}`] = float(poolWeights(mode, batch), [count, 1, seqLength])
    }
  })
  return feeds
}
