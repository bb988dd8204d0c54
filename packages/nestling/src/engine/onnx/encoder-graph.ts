import type { EncoderSpec, FeedForwardSpec, HalfLayerNorms } from '../../model/encoder-spec.js'
import { addAttention, addSharedValues } from './attention-graph.js'
import { addEmbeddings } from './embeddings-graph.js'
import { GraphBuilder, type ExternalWeight, type OnnxFloatType } from './graph-builder.js'
import { GRAPH } from './graph-names.js'
import { addActivation, addLinear } from './linear-graph.js'
import { addNorm, addSumAndNorm } from './norm-graph.js'
import { addPooling } from './pooling-graph.js'

/** An encoder as ONNX: a few kilobytes of graph, its weights outside. */
export interface EncoderGraph {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly external: readonly ExternalWeight[]
}

/**
 * Writes an encoder as an ONNX graph that runs on the CPU and on WebGPU without a node falling back.
 *
 * Hidden states are `[batch * seq, hidden]`, so that each linear layer is one `Gemm` with PyTorch's `[out, in]` weights as they
 * are. Inputs are int32, and the mask goes in as `attention_bias`: `key_padding_mask` is not implemented on WebGPU.
 *
 * In float16 the norms still compute in float32 inside of their operators, and pooling and all after it are float32: a sum over
 * hundreds of tokens loses too much otherwise.
 *
 * @param floatType - What the layers compute with.
 */
export function buildEncoderGraph(spec: EncoderSpec, floatType: OnnxFloatType = 'float'): EncoderGraph {
  const graph = new GraphBuilder(floatType)
  graph.input(GRAPH.batchShape, 'int64', [3])
  let hidden = addEmbeddings(graph, spec.embeddings)
  const shared = addSharedValues(graph, spec)
  for (const { attention, feedForward } of spec.layers) {
    hidden = addHalf(graph, attention, hidden, (input) => addAttention(graph, attention, input, shared))
    hidden = addHalf(graph, feedForward, hidden, (input) => addFeedForward(graph, feedForward, input))
  }
  addPooling(graph, spec, graph.continueInFloat32(addNorm(graph, spec.finalNorm, hidden)))
  return { bytes: graph.finish(), external: graph.external }
}

/** output(x + result(f(input(x)))), each norm where there is one. */
function addHalf(
  graph: GraphBuilder,
  norms: HalfLayerNorms,
  hidden: string,
  compute: (input: string) => string,
): string {
  const result = compute(addNorm(graph, norms.inputNorm, hidden))
  return addSumAndNorm(graph, norms.outputNorm, [hidden, addNorm(graph, norms.resultNorm, result)])
}

function addFeedForward(graph: GraphBuilder, { gate, up, down, activation }: FeedForwardSpec, input: string): string {
  const raised = addLinear(graph, up, input)
  const inner =
    gate === undefined
      ? addActivation(graph, activation, raised)
      : graph.node('Mul', [addActivation(graph, activation, addLinear(graph, gate, input)), raised])
  return addLinear(graph, down, inner)
}
