import type { AttentionSpec, EncoderSpec, LinearSpec, NormSpec } from '../../model/encoder-spec.js'
import type { GraphBuilder } from './graph-builder.js'
import { GRAPH } from './graph-names.js'
import { addLinear } from './linear-graph.js'
import { MASKED } from './mask-bias.js'
import { addNorm } from './norm-graph.js'

/** Values that the layers of a graph share. */
export interface SharedValues {
  /** What is added to the scores under each of the spec's masks. */
  readonly biases: readonly string[]
  /** Cosines and sines of each of the spec's rotaries. */
  readonly rotaries: readonly { readonly cos: string; readonly sin: string }[]
}

/**
 * Adds what all layers share: masks, scores by distance, tables of rotary positions.
 *
 * @param spec - The encoder.
 * @returns Names of the values.
 */
export function addSharedValues(graph: GraphBuilder, spec: EncoderSpec): SharedValues {
  const rotaries = spec.rotaries.map(({ inverseFrequencies }, index) => ({
    cos: graph.toFloatType(graph.input(`${GRAPH.rotaryCos}${index}`, 'float', ['seq', inverseFrequencies.length])),
    sin: graph.toFloatType(graph.input(`${GRAPH.rotarySin}${index}`, 'float', ['seq', inverseFrequencies.length])),
  }))
  if (spec.layers.length === 0) return { biases: [], rotaries }
  const keyBias = graph.input(GRAPH.keyBias, 'float', ['batch', 1, 1, 'seq'])
  const distanceBias = addDistanceBias(graph, spec)
  const biases = spec.masks.map((mask, index) => {
    // Without a mask of its own, a column of zeros spreads the padding's bias over the queries.
    const isFull = !mask.isCausal && mask.maxDistance === undefined
    const queryBias = graph.input(`${GRAPH.queryBias}${index}`, 'float', [1, 1, 'seq', isFull ? 1 : 'seq'])
    const bias = addMask(graph, keyBias, queryBias)
    return distanceBias === undefined ? bias : graph.node('Add', [bias, distanceBias])
  })
  return { biases, rotaries }
}

/** Two masks that both hide a token would be infinite in float16, and shaders need not compute with infinities. */
function addMask(graph: GraphBuilder, keyBias: string, queryBias: string): string {
  const bias = graph.node('Add', [keyBias, queryBias])
  if (!graph.isFloat16) return bias
  return graph.toFloatType(graph.node('Clip', [bias, graph.float32(MASKED)]))
}

/** `[1, heads, seq, seq]`, from a table with one row a bucket of distances. */
function addDistanceBias(graph: GraphBuilder, spec: EncoderSpec): string | undefined {
  if (spec.relativeBias === undefined) return undefined
  const buckets = graph.input(GRAPH.distanceBuckets, 'int32', [1, 'seq', 'seq'])
  const scores = graph.node('Gather', [graph.weight(spec.relativeBias.table), buckets])
  return graph.node('Transpose', [scores], { perm: { ints: [0, 3, 1, 2] } })
}

/**
 * Adds the attention of one layer, up to and including its output projection.
 *
 * @param input - Name of `[batch * seq, hidden]`.
 * @param shared - What the layers share.
 * @returns Name of `[batch * seq, hidden]`.
 */
export function addAttention(
  graph: GraphBuilder,
  attention: AttentionSpec,
  input: string,
  shared: SharedValues,
): string {
  const { heads, headDim } = attention
  const turned = (linear: LinearSpec, norm: NormSpec | undefined): string => {
    const rows = addHeadNorm(graph, norm, addLinear(graph, linear, input), linear)
    const batches = graph.node('Reshape', [rows, GRAPH.batchShape])
    const rotary = attention.rotary === undefined ? undefined : shared.rotaries[attention.rotary]
    if (rotary === undefined) return batches
    return graph.microsoft('RotaryEmbedding', [batches, graph.int64([0]), rotary.cos, rotary.sin])
  }
  const query = turned(attention.query, attention.queryNorm)
  const key = addRepeat(graph, attention, turned(attention.key, attention.keyNorm))
  const values = graph.node('Reshape', [addLinear(graph, attention.value, input), GRAPH.batchShape])
  const value = addRepeat(graph, attention, values)
  // Inputs: query, key, value, bias, key_padding_mask, attention_bias. The biases went into the Gemms.
  const mixed = graph.microsoft(
    'MultiHeadAttention',
    [query, key, value, '', '', shared.biases[attention.mask] ?? ''],
    {
      num_heads: { int: heads },
      scale: { float: attention.scale },
    },
  )
  return addLinear(graph, attention.output, graph.node('Reshape', [mixed, graph.int64([-1, heads * headDim])]))
}

function addHeadNorm(graph: GraphBuilder, norm: NormSpec | undefined, rows: string, linear: LinearSpec): string {
  if (norm === undefined) return rows
  const [width = 1] = linear.weight.shape
  const [headDim = 1] = norm.weight.shape
  const heads = addNorm(graph, norm, graph.node('Reshape', [rows, graph.int64([-1, headDim])]))
  return graph.node('Reshape', [heads, graph.int64([-1, width])])
}

/** Repeats each head of keys or values for the heads it serves. */
function addRepeat(graph: GraphBuilder, attention: AttentionSpec, batches: string): string {
  const { heads, keyValueHeads, headDim } = attention
  if (heads === keyValueHeads) return batches
  const single = graph.node('Reshape', [batches, graph.int64([-1, keyValueHeads, 1, headDim])])
  const repeated = graph.node('Concat', Array<string>(heads / keyValueHeads).fill(single), { axis: { int: 2 } })
  return graph.node('Reshape', [repeated, GRAPH.batchShape])
}
