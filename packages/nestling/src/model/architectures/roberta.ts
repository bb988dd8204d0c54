import type { Architecture } from './architecture.js'
import { bert, describeBert } from './bert.js'

/**
 * RoBERTa: BERT's weights with positions counted from behind the padding id.
 *
 * @see `transformers.models.roberta.modeling_roberta.RobertaEmbeddings.create_position_ids_from_input_ids`
 */
export const roberta: Architecture = {
  anchor: bert.anchor,
  describe: (config, weights) => describeBert(config, weights, 'after-padding-id'),
}
