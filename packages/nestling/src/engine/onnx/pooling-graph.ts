import { MIN_NORM } from '@nestling/kit/math/norm'
import type { EncoderSpec, TailSpec } from '../../model/encoder-spec.js'
import type { GraphBuilder } from './graph-builder.js'
import { GRAPH } from './graph-names.js'
import { addActivation, addLinear } from './linear-graph.js'
import { addNorm } from './norm-graph.js'

/**
 * Adds pooling, and the modules after it: only `[batch, dim]` leaves the device.
 *
 * Every mode but `max` is a weighted sum of hidden states, whose weights come in from outside; the graph need not know which
 * mode it is.
 *
 * @param spec - The encoder.
 * @param hidden - Name of the last hidden states, `[batch * seq, hidden]`.
 */
export function addPooling(graph: GraphBuilder, spec: EncoderSpec, hidden: string): void {
  const rows = graph.node('Reshape', [hidden, GRAPH.batchShape])
  const pooled = spec.pooling.modes.map((mode, index) => {
    if (mode !== 'max') {
      const weights = graph.input(`${GRAPH.poolWeights}${index}`, 'float', ['batch', 1, 'seq'])
      return graph.node('MatMul', [weights, rows])
    }
    const biased = graph.node('Add', [rows, graph.input(GRAPH.maxBias, 'float', ['batch', 'seq', 1])])
    return graph.node('ReduceMax', [biased], { axes: { ints: [1] }, keepdims: { int: 1 } })
  })
  const joined = pooled.length === 1 ? (pooled[0] ?? '') : graph.node('Concat', pooled, { axis: { int: 1 } })
  let vectors = graph.node('Reshape', [joined, graph.int64([-1, spec.hiddenSize * pooled.length])])
  for (const module of spec.tail) {
    vectors = addTailModule(graph, module, vectors)
  }
  graph.node('Reshape', [vectors, graph.int64([-1, spec.dim])], {}, GRAPH.embeddings)
  graph.output(GRAPH.embeddings, ['batch', 'dim'])
}

function addTailModule(graph: GraphBuilder, module: TailSpec, vectors: string): string {
  if (module.kind === 'normalize') return addNormalize(graph, vectors)
  if (module.kind === 'layer-norm') return addNorm(graph, module.norm, vectors)
  const result = addActivation(graph, module.activation, addLinear(graph, module.linear, vectors))
  if (module.residual === undefined) return result
  const residual = module.residual === 'input' ? vectors : addLinear(graph, module.residual, vectors)
  return graph.node('Add', [result, residual])
}

function addNormalize(graph: GraphBuilder, vectors: string): string {
  const lengths = graph.node('ReduceL2', [vectors], { axes: { ints: [1] }, keepdims: { int: 1 } })
  const clamped = graph.node('Clip', [lengths, graph.float(MIN_NORM)])
  return graph.node('Div', [vectors, clamped])
}
