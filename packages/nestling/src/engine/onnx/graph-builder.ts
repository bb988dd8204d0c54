import type { WeightRef } from '../../model/encoder-spec.js'
import { toFloat16Bits } from '../float16.js'
import { ProtobufWriter } from './protobuf-writer.js'

/** Element types by their numbers in `onnx.TensorProto.DataType`. */
export const ONNX_TYPE = { float: 1, int32: 6, int64: 7, float16: 10 } as const

/** An element type that our graphs use. */
export type OnnxType = keyof typeof ONNX_TYPE

/** An element type of weights. */
export type OnnxFloatType = 'float' | 'float16'

/** Bytes of a weight's element. */
const FLOAT_BYTES: Readonly<Record<OnnxFloatType, number>> = { float: 4, float16: 2 }

/** Attributes of a node: integers end in `Int`-valued fields, everything else is a float or a list of integers. */
export type Attributes = Readonly<
  Record<string, { readonly int: number } | { readonly float: number } | { readonly ints: readonly number[] }>
>

/** A weight whose bytes lie outside of the graph. */
export interface ExternalWeight {
  /** Path under which the session must be given the bytes. */
  readonly location: string
  readonly weight: WeightRef
  /** What the session expects; the bytes may have to be converted. */
  readonly type: OnnxFloatType
  /** Whether the session reads the weight from its place in the whole file, as it is. */
  readonly isWholeFile: boolean
}

/** `onnx.AttributeProto.AttributeType` */
const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const
const DATA_LOCATION_EXTERNAL = 1
const IR_VERSION = 8
const OPSET_VERSION = 17
const MICROSOFT = 'com.microsoft'

/**
 * Writes an ONNX model node by node. Values are known by their names, as in ONNX itself.
 *
 * @see {@link https://github.com/onnx/onnx/blob/main/onnx/onnx.proto | onnx.proto} for the field numbers
 */
export class GraphBuilder {
  readonly #graph = new ProtobufWriter().string(2, 'encoder')
  readonly #initializers = new Set<string>()
  readonly #external = new Map<string, ExternalWeight>()
  #floatType: OnnxFloatType
  #count = 0

  /**
   * Starts an empty graph.
   *
   * @param floatType - What weights and constants are from now on.
   */
  constructor(floatType: OnnxFloatType = 'float') {
    this.#floatType = floatType
  }

  /** Weights that a session must be given beside the graph. */
  get external(): readonly ExternalWeight[] {
    return [...this.#external.values()]
  }

  /**
   * Turns values into what the graph computes with.
   *
   * @param name - Name of a float32 value.
   * @returns Name of the same, in float16 where the graph is.
   */
  toFloatType(name: string): string {
    if (this.#floatType === 'float') return name
    return this.node('Cast', [name], { to: { int: ONNX_TYPE[this.#floatType] } })
  }

  /**
   * Goes on in float32, whatever the graph computed with.
   *
   * @param name - Name of the last value before.
   * @returns Name of the same in float32.
   */
  continueInFloat32(name: string): string {
    if (this.#floatType === 'float') return name
    this.#floatType = 'float'
    return this.node('Cast', [name], { to: { int: ONNX_TYPE.float } })
  }

  /** Whether the graph computes in float16. */
  get isFloat16(): boolean {
    return this.#floatType === 'float16'
  }

  /**
   * Declares an input.
   *
   * @param type - Element type.
   * @param shape - Lengths; a name stands for a length that varies.
   * @returns The name.
   */
  input(name: string, type: OnnxType, shape: readonly (number | string)[]): string {
    this.#graph.message(11, valueInfo(name, type, shape))
    return name
  }

  /**
   * Declares an output.
   *
   * @param name - Name of a value that some node makes.
   * @param shape - Lengths; a name stands for a length that varies.
   */
  output(name: string, shape: readonly (number | string)[]): void {
    this.#graph.message(12, valueInfo(name, 'float', shape))
  }

  /**
   * Adds an operator of ONNX.
   *
   * @param inputs - Names of values; an empty name leaves an optional input out.
   * @param output - Name of the result; one is made up when left out.
   * @returns Name of the result.
   */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}, output: string = this.#name(op)): string {
    this.#graph.message(1, nodeProto(op, inputs, attributes, output))
    return output
  }

  /**
   * Adds one of onnxruntime's own operators.
   *
   * @param op - Operator of the domain `com.microsoft`.
   * @param inputs - Names of values.
   * @returns Name of the result.
   * @see {@link https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md | contrib operators}
   */
  microsoft(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.#name(op)
    this.#graph.message(1, nodeProto(op, inputs, attributes, output).string(7, MICROSOFT))
    return output
  }

  /**
   * Adds a constant list of integers, for shapes.
   *
   * @returns Its name.
   */
  int64(values: readonly number[]): string {
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    return this.#initializer(`int64_${values.join('_')}`, ONNX_TYPE.int64, [values.length], (tensor) =>
      tensor.bytes(9, bytes),
    )
  }

  /**
   * Adds a constant number.
   *
   * @param value - The number, rounded to the type of the graph.
   * @returns Its name.
   */
  float(value: number): string {
    return this.#float(value, this.#floatType)
  }

  /**
   * Adds a constant number in float32, whatever the graph computes with.
   *
   * @param value - The number, rounded to float32.
   * @returns Its name.
   */
  float32(value: number): string {
    return this.#float(value, 'float')
  }

  #float(value: number, type: OnnxFloatType): string {
    const values = Float32Array.of(value)
    const bytes = new Uint8Array(type === 'float' ? values.buffer : toFloat16Bits(values).buffer)
    return this.#initializer(`${type}_${value}`, ONNX_TYPE[type], [], (tensor) => tensor.bytes(9, bytes))
  }

  /**
   * Adds a weight as external data: straight from its place in the safetensors file where it is stored in the graph's type, else
   * as a tensor of its own that whoever makes the session converts.
   *
   * @returns Its name.
   */
  weight(weight: WeightRef): string {
    const type = this.#floatType
    const isWholeFile = weight.dtype === (type === 'float' ? 'F32' : 'F16')
    const location = isWholeFile ? weight.file : `${weight.file}#${weight.name}:${type}`
    this.#external.set(location, { location, weight, type, isWholeFile })
    const size = weight.shape.reduce((product, length) => product * length, 1) * FLOAT_BYTES[type]
    return this.#initializer(`${weight.file}:${weight.name}:${type}`, ONNX_TYPE[type], weight.shape, (tensor) =>
      tensor
        .message(13, stringEntry('location', location))
        .message(13, stringEntry('offset', String(isWholeFile ? weight.offset : 0)))
        .message(13, stringEntry('length', String(size)))
        .int(14, DATA_LOCATION_EXTERNAL),
    )
  }

  /**
   * Completes the model.
   *
   * @returns Bytes of a `ModelProto`.
   */
  finish(): Uint8Array<ArrayBuffer> {
    return new ProtobufWriter()
      .int(1, IR_VERSION)
      .string(2, 'nestling')
      .message(7, this.#graph)
      .message(8, new ProtobufWriter().string(1, '').int(2, OPSET_VERSION))
      .message(8, new ProtobufWriter().string(1, MICROSOFT).int(2, 1))
      .finish()
  }

  #initializer(
    name: string,
    type: number,
    dims: readonly number[],
    fill: (tensor: ProtobufWriter) => ProtobufWriter,
  ): string {
    if (!this.#initializers.has(name)) {
      this.#initializers.add(name)
      this.#graph.message(5, fill(new ProtobufWriter().ints(1, dims).int(2, type).string(8, name)))
    }
    return name
  }

  #name(op: string): string {
    this.#count += 1
    return `${op}_${this.#count}`
  }
}

function nodeProto(op: string, inputs: readonly string[], attributes: Attributes, output: string): ProtobufWriter {
  const node = new ProtobufWriter()
  for (const input of inputs) node.string(1, input)
  node.string(2, output).string(3, output).string(4, op)
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = new ProtobufWriter().string(1, name)
    if ('int' in value) attribute.int(3, value.int).int(20, ATTRIBUTE_TYPE.int)
    else if ('float' in value) attribute.float(2, value.float).int(20, ATTRIBUTE_TYPE.float)
    else attribute.ints(8, value.ints).int(20, ATTRIBUTE_TYPE.ints)
    node.message(5, attribute)
  }
  return node
}

function valueInfo(name: string, type: OnnxType, shape: readonly (number | string)[]): ProtobufWriter {
  const dims = new ProtobufWriter()
  for (const length of shape) {
    const dim = new ProtobufWriter()
    dims.message(1, typeof length === 'number' ? dim.int(1, length) : dim.string(2, length))
  }
  const tensor = new ProtobufWriter().int(1, ONNX_TYPE[type]).message(2, dims)
  return new ProtobufWriter().string(1, name).message(2, new ProtobufWriter().message(1, tensor))
}

function stringEntry(key: string, value: string): ProtobufWriter {
  return new ProtobufWriter().string(1, key).string(2, value)
}
