import type { EmbeddingsSpec, WeightRef } from '../../model/encoder-spec.js'
import { rowsOf } from '../../model/weights/weight-rows.js'
import type { GraphBuilder } from './graph-builder.js'
import { GRAPH } from './graph-names.js'
import { addLinear } from './linear-graph.js'
import { addNorm, addSumAndNorm } from './norm-graph.js'

/**
 * Adds what turns token ids into the first hidden states.
 *
 * @param embeddings - Tables, norm and projection.
 * @returns Name of `[batch * seq, hidden]`.
 */
export function addEmbeddings(graph: GraphBuilder, embeddings: EmbeddingsSpec): string {
  const { norm, projection } = embeddings
  const words = addWords(graph, embeddings)
  const type = embeddings.tokenType === undefined ? undefined : graph.weight(firstRow(embeddings.tokenType))
  let hidden: string
  if (embeddings.position !== undefined) {
    const positions = graph.input(GRAPH.positionIds, 'int32', ['tokens'])
    const places = graph.node('Gather', [graph.weight(embeddings.position.weight), positions])
    hidden = addSumAndNorm(graph, norm, [words, places], type)
  } else {
    hidden = addNorm(graph, norm, type === undefined ? words : graph.node('Add', [words, type]))
  }
  return projection === undefined ? hidden : addLinear(graph, projection, hidden)
}

function addWords(graph: GraphBuilder, { word, wordScale }: EmbeddingsSpec): string {
  const ids = graph.input(GRAPH.inputIds, 'int32', ['tokens'])
  const words = graph.node('Gather', [graph.weight(word), ids])
  return wordScale === undefined ? words : graph.node('Mul', [words, graph.float(wordScale)])
}

/** Row 0 as a vector. */
function firstRow(table: WeightRef): WeightRef {
  return { ...rowsOf(table, 0, 1), shape: table.shape.slice(1) }
}
