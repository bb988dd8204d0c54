import type { PositionSpec } from '../model/encoder-spec.js'
import type { EncoderBatch } from './engine.js'

/**
 * Numbers the tokens of a batch for a table of learned positions.
 *
 * @param position - How the family numbers them.
 * @param batch - Padded token ids.
 * @returns `[count, seqLength]`, row-major; 0 for padding.
 * @see `transformers.models.roberta.modeling_roberta.RobertaEmbeddings.create_position_ids_from_input_ids`
 */
export function positionIds({ numbering, paddingId }: PositionSpec, batch: EncoderBatch): Int32Array {
  const positions = new Int32Array(batch.ids.length)
  for (let row = 0; row < batch.count; row++) {
    const start = row * batch.seqLength
    let next = numbering === 'sequential' ? 0 : paddingId + 1
    for (let index = 0; index < (batch.lengths[row] ?? 0); index++) {
      const isUncounted = numbering === 'after-padding-id' && batch.ids[start + index] === paddingId
      positions[start + index] = isUncounted ? paddingId : next++
    }
  }
  return positions
}
