import type { EncoderSpec, LayerSpec, NormSpec, WeightRef } from '../../model/encoder-spec.js'
import { GraphBuilder, type ExternalWeight } from './graph-builder.js'
import { GRAPH } from './graph-names.js'
import { addActivation, addLinear } from './linear-graph.js'
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
 * @param spec - The encoder.
 * @returns The graph.
 */
export function buildEncoderGraph(spec: EncoderSpec): EncoderGraph {
  const graph = new GraphBuilder()
  let hidden = addEmbeddings(graph, spec)
  const attentionBias = graph.node('Add', [
    graph.input(GRAPH.keyBias, 'float', ['batch', 1, 1, 'seq']),
    graph.input(GRAPH.queryBias, 'float', [1, 1, 'seq', 1]),
  ])
  graph.input(GRAPH.batchShape, 'int64', [3])
  for (const layer of spec.layers) hidden = addLayer(graph, layer, hidden, attentionBias)
  addPooling(graph, spec, hidden)
  return { bytes: graph.finish(), external: graph.external }
}

function addEmbeddings(graph: GraphBuilder, spec: EncoderSpec): string {
  const { word, position, tokenType, norm } = spec.embeddings
  const ids = graph.input(GRAPH.inputIds, 'int32', ['tokens'])
  const positions = graph.input(GRAPH.positionIds, 'int32', ['tokens'])
  const words = graph.node('Gather', [graph.weight(word), ids])
  const places = graph.node('Gather', [graph.weight(position.weight), positions])
  return addSkipNorm(graph, [words, places], norm, graph.weight(firstRow(tokenType)))
}

/** Row 0 as a weight of its own: a vector that is added to every token. */
function firstRow(table: WeightRef): WeightRef {
  const [rows = 1, columns = 1] = table.shape
  const row = { ...table, name: `${table.name}[0]`, shape: [columns], byteLength: table.byteLength / rows }
  return table.scale === undefined ? row : { ...row, scale: { ...table.scale, shape: [1, 1], byteLength: 4 } }
}

function addLayer(graph: GraphBuilder, layer: LayerSpec, hidden: string, attentionBias: string): string {
  const { attention, feedForward } = layer
  const [, width = 0] = attention.output.weight.shape
  const heads = [attention.query, attention.key, attention.value].map((linear) =>
    graph.node('Reshape', [addLinear(graph, linear, hidden), GRAPH.batchShape]),
  )
  // Inputs: query, key, value, bias, key_padding_mask, attention_bias. The biases went into the Gemms.
  const mixed = graph.microsoft('MultiHeadAttention', [...heads, '', '', attentionBias], {
    num_heads: { int: attention.heads },
  })
  const context = graph.node('Reshape', [mixed, graph.int64([-1, width])])
  const attended = addSkipNorm(graph, [hidden, addLinear(graph, attention.output, context)], attention.norm)
  const inner = addActivation(graph, feedForward.activation, addLinear(graph, feedForward.up, attended))
  return addSkipNorm(graph, [attended, addLinear(graph, feedForward.down, inner)], feedForward.norm)
}

/** norm(a + b + bias), one dispatch on WebGPU. */
function addSkipNorm(graph: GraphBuilder, summands: readonly [string, string], norm: NormSpec, bias?: string): string {
  const inputs = [
    ...summands,
    graph.weight(norm.weight),
    graph.weight(norm.bias),
    ...(bias === undefined ? [] : [bias]),
  ]
  return graph.microsoft('SkipLayerNormalization', inputs, { epsilon: { float: norm.epsilon } })
}
