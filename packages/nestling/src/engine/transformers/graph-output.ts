import { EmbedderError } from '../../wire/embedder-error.js'
import type { EncoderBatch } from '../engine.js'
import type { OnnxInputs, OnnxOutput, OnnxSession } from './onnx-session.js'

/** Which output of a graph is used, and what it holds. */
export interface GraphOutput {
  readonly name: string
  /** Hidden states `[batch, seq, width]`, or finished vectors `[batch, width]`. */
  readonly kind: 'hidden-states' | 'vectors'
}

/** Hidden states by the names that exporters give them, best first; `sentence_embedding` has pooling inside. */
const OUTPUTS: readonly GraphOutput[] = [
  { name: 'last_hidden_state', kind: 'hidden-states' },
  { name: 'token_embeddings', kind: 'hidden-states' },
  { name: 'sentence_embedding', kind: 'vectors' },
]

/** Inputs that a text encoder has; all are `[batch, seq]`. */
const INPUTS: readonly string[] = ['input_ids', 'attention_mask', 'token_type_ids']

/**
 * Finds the output of a graph that embeddings are made from.
 *
 * @param session - Names of the graph's inputs and outputs.
 * @param path - Path of the graph, for messages.
 * @throws {EmbedderError} `model-unsupported` if it has none of those that are known, or needs an input that is not known.
 */
export function findOutput({ inputNames, outputNames }: GraphNames, path: string): GraphOutput {
  const input = inputNames.find((name) => !INPUTS.includes(name))
  if (input !== undefined) throw unsupported(path, `its inputs must be among ${INPUTS.join(', ')}`, input)
  const output = OUTPUTS.find(({ name }) => outputNames.includes(name))
  if (output !== undefined) return output
  const known = OUTPUTS.map(({ name }) => name).join(', ')
  throw unsupported(path, `it must have one of the outputs ${known}`, outputNames.join(', '))
}

type GraphNames = Pick<OnnxSession, 'inputNames' | 'outputNames'>

/**
 * Writes a batch as the inputs of a graph.
 *
 * @param inputNames - Inputs that the graph has.
 * @param batch - Padded token ids.
 * @returns The inputs; every text is of token type 0.
 */
export function inputsOf(inputNames: readonly string[], batch: EncoderBatch): OnnxInputs {
  const { count, seqLength, ids, lengths } = batch
  const make: Readonly<Record<string, () => BigInt64Array<ArrayBuffer>>> = {
    input_ids: () => BigInt64Array.from(ids, BigInt),
    attention_mask: () => {
      const mask = new BigInt64Array(ids.length)
      for (const [row, length] of lengths.entries()) mask.fill(1n, row * seqLength, row * seqLength + length)
      return mask
    },
    token_type_ids: () => new BigInt64Array(ids.length),
  }
  const names = Object.keys(make).filter((name) => inputNames.includes(name))
  return { dims: [count, seqLength], data: Object.fromEntries(names.map((name) => [name, make[name]?.() as never])) }
}

/**
 * Makes sure that an output has the shape that its name promises, and gives its last length.
 *
 * @param result - What the graph gave.
 * @param batch - What it was given.
 * @returns Components a token, or a vector.
 * @throws {EmbedderError} `model-unsupported` if the shape is another.
 */
export function widthOf(
  output: GraphOutput,
  result: OnnxOutput,
  batch: Pick<EncoderBatch, 'count' | 'seqLength'>,
): number {
  const expected = output.kind === 'vectors' ? [batch.count] : [batch.count, batch.seqLength]
  const width = result.dims.at(-1) ?? 0
  if (result.dims.join() === [...expected, width].join() && width > 0) return width
  throw unsupported(output.name, `its shape must be [${expected.join(', ')}, width]`, `[${result.dims.join(', ')}]`)
}

function unsupported(what: string, rule: string, current: string): EmbedderError {
  return new EmbedderError('model-unsupported', `Cannot load ${what} as ${rule}: current value is ${current}`, {
    details: { what, current },
  })
}
