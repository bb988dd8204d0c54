import type { NormSpec } from '../../model/encoder-spec.js'
import type { GraphBuilder } from './graph-builder.js'

/**
 * Adds a norm over the last axis.
 *
 * @param norm - Which one; none leaves the value as it is.
 * @param input - Name of a value.
 * @returns Name of a value of the same shape.
 */
export function addNorm(graph: GraphBuilder, norm: NormSpec | undefined, input: string): string {
  if (norm === undefined) return input
  const attributes = { axis: { int: -1 }, epsilon: { float: norm.epsilon } }
  if (norm.kind === 'rms') return graph.node('SimplifiedLayerNormalization', [input, weightOf(graph, norm)], attributes)
  return graph.node('LayerNormalization', [input, weightOf(graph, norm), ...biasOf(graph, norm)], attributes)
}

/**
 * Adds norm(a + b), in one dispatch where the norm allows it.
 *
 * @param norm - Which one; none leaves the sum as it is.
 * @param summands - Names of two values of one shape.
 * @param vector - Name of a vector that is added to every row as well.
 * @returns Name of a value of the same shape.
 */
export function addSumAndNorm(
  graph: GraphBuilder,
  norm: NormSpec | undefined,
  summands: readonly [string, string],
  vector?: string,
): string {
  // SkipLayerNormalization wants the norm's bias before the vector.
  if (norm?.kind === 'layer' && norm.bias !== undefined) {
    const inputs = [
      ...summands,
      weightOf(graph, norm),
      graph.weight(norm.bias),
      ...(vector === undefined ? [] : [vector]),
    ]
    return graph.microsoft('SkipLayerNormalization', inputs, { epsilon: { float: norm.epsilon } })
  }
  const sum = graph.node('Add', summands)
  return addNorm(graph, norm, vector === undefined ? sum : graph.node('Add', [sum, vector]))
}

function weightOf(graph: GraphBuilder, norm: NormSpec): string {
  const weight = graph.weight(norm.weight)
  return norm.isWeightShifted === true ? graph.node('Add', [weight, graph.float(1)]) : weight
}

function biasOf(graph: GraphBuilder, norm: NormSpec): string[] {
  return norm.bias === undefined ? [] : [graph.weight(norm.bias)]
}
