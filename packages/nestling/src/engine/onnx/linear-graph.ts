import type { Activation, LinearSpec } from '../../model/encoder-spec.js'
import type { GraphBuilder } from './graph-builder.js'

/**
 * Adds a linear layer.
 *
 * @param linear - Weight and bias.
 * @param input - Name of a matrix `[rows, in]`.
 * @returns Name of `[rows, out]`.
 */
export function addLinear(graph: GraphBuilder, linear: LinearSpec, input: string): string {
  const bias = linear.bias === undefined ? [] : [graph.weight(linear.bias)]
  return graph.node('Gemm', [input, graph.weight(linear.weight), ...bias], { transB: { int: 1 } })
}

/**
 * Adds an activation function.
 *
 * @param input - Name of a value.
 * @returns Name of a value of the same shape.
 */
export function addActivation(graph: GraphBuilder, activation: Activation, input: string): string {
  switch (activation) {
    case 'identity':
      return input
    case 'gelu':
      return graph.microsoft('Gelu', [input])
    case 'quick-gelu':
      return graph.microsoft('QuickGelu', [input], { alpha: { float: 1.702 } })
    case 'gelu-tanh':
      return graph.microsoft('FastGelu', [input])
    case 'silu':
      return graph.node('Mul', [input, graph.node('Sigmoid', [input])])
    case 'relu':
      return graph.node('Relu', [input])
    case 'tanh':
      return graph.node('Tanh', [input])
    case 'sigmoid':
      return graph.node('Sigmoid', [input])
  }
}
