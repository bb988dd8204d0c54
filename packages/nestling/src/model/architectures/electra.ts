import type { Architecture } from './architecture.js'
import { bert } from './bert.js'

/**
 * ELECTRA: BERT's weights, with a projection where `embedding_size` is not the hidden size.
 *
 * @see `transformers.models.electra.modeling_electra`
 */
export const electra: Architecture = bert
