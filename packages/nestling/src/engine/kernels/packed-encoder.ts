import type {
  AttentionSpec,
  EmbeddingsSpec,
  EncoderSpec,
  FeedForwardSpec,
  HalfLayerNorms,
  LinearSpec,
  NormSpec,
  TailSpec,
} from '../../model/encoder-spec.js'
import { rowsOf } from '../../model/weights/weight-rows.js'
import { ACTIVATION_NUMBERS } from './activation-numbers.js'
import type { Pointer } from './kernel-exports.js'
import type { KernelDtype, PackedLinear, PackedNorm, PackedTable, WeightPacker } from './packed-weights.js'

/** {@link EmbeddingsSpec} in the kernels' memory. */
export interface PackedEmbeddings {
  readonly word: PackedTable
  readonly wordScale: number
  /** Rows of float32. */
  readonly position: Pointer | undefined
  /** The row that every token gets. */
  readonly tokenType: Pointer | undefined
  readonly norm: PackedNorm | undefined
  readonly projection: PackedLinear | undefined
}

/** {@link HalfLayerNorms} in the kernels' memory. */
export interface PackedHalf {
  readonly inputNorm: PackedNorm | undefined
  readonly resultNorm: PackedNorm | undefined
  readonly outputNorm: PackedNorm | undefined
}

/** {@link AttentionSpec} in the kernels' memory. */
export interface PackedAttention extends PackedHalf {
  readonly spec: AttentionSpec
  /** Query, key and value. */
  readonly input: PackedLinear
  readonly queryNorm: PackedNorm | undefined
  readonly keyNorm: PackedNorm | undefined
  readonly output: PackedLinear
}

/** {@link FeedForwardSpec} in the kernels' memory. */
export interface PackedFeedForward extends PackedHalf {
  /** Gate and up, or up alone. */
  readonly input: PackedLinear
  readonly hasGate: boolean
  readonly activation: number
  /** Components between the two products. */
  readonly inner: number
  readonly down: PackedLinear
}

/** {@link TailSpec} in the kernels' memory. */
export type PackedTailModule =
  | {
      readonly kind: 'dense'
      readonly linear: PackedLinear
      readonly activation: number
      readonly outDim: number
      readonly residual: 'input' | PackedLinear | undefined
    }
  | { readonly kind: 'layer-norm'; readonly norm: PackedNorm }
  | { readonly kind: 'normalize' }

/** An encoder in the kernels' memory. */
export interface PackedEncoder {
  readonly embeddings: PackedEmbeddings
  readonly layers: readonly { readonly attention: PackedAttention; readonly feedForward: PackedFeedForward }[]
  readonly finalNorm: PackedNorm | undefined
  readonly tail: readonly PackedTailModule[]
}

/**
 * Copies an encoder into the kernels' memory.
 *
 * What is computed once a text (the tail) stays float32 in any dtype.
 *
 * @param dtype - What the layers compute with.
 * @param packer - Copies the weights.
 * @returns Where everything is.
 */
export function packEncoder(spec: EncoderSpec, dtype: KernelDtype, packer: WeightPacker): PackedEncoder {
  return {
    embeddings: packEmbeddings(spec.embeddings, dtype, packer),
    layers: spec.layers.map(({ attention, feedForward }) => ({
      attention: packAttention(attention, dtype, packer),
      feedForward: packFeedForward(feedForward, dtype, packer),
    })),
    finalNorm: packNorm(spec.finalNorm, packer),
    tail: spec.tail.map((module) => packTailModule(module, packer)),
  }
}

function packEmbeddings(spec: EmbeddingsSpec, dtype: KernelDtype, packer: WeightPacker): PackedEmbeddings {
  const { word, wordScale = 1, position, tokenType, norm, projection } = spec
  return {
    word: packer.table(word, dtype),
    wordScale,
    position: position === undefined ? undefined : packer.floats(position.weight),
    tokenType: tokenType === undefined ? undefined : packer.floats(rowsOf(tokenType, 0, 1)),
    norm: packNorm(norm, packer),
    projection: projection === undefined ? undefined : packer.linear([projection], dtype),
  }
}

function packAttention(spec: AttentionSpec, dtype: KernelDtype, packer: WeightPacker): PackedAttention {
  return {
    spec,
    ...packHalf(spec, packer),
    input: packer.linear([spec.query, spec.key, spec.value], dtype),
    queryNorm: packNorm(spec.queryNorm, packer),
    keyNorm: packNorm(spec.keyNorm, packer),
    output: packer.linear([spec.output], dtype),
  }
}

function packFeedForward(spec: FeedForwardSpec, dtype: KernelDtype, packer: WeightPacker): PackedFeedForward {
  const { gate, up, activation, down } = spec
  return {
    ...packHalf(spec, packer),
    input: packer.linear(gate === undefined ? [up] : [gate, up], dtype),
    hasGate: gate !== undefined,
    activation: ACTIVATION_NUMBERS[activation],
    inner: outputsOf(up),
    down: packer.linear([down], dtype),
  }
}

function packTailModule(module: TailSpec, packer: WeightPacker): PackedTailModule {
  if (module.kind === 'normalize') return module
  if (module.kind === 'layer-norm') return { kind: 'layer-norm', norm: packer.norm(module.norm) }
  const { linear, activation, outDim, residual } = module
  return {
    kind: 'dense',
    linear: packer.linear([linear], 'fp32'),
    activation: ACTIVATION_NUMBERS[activation],
    outDim,
    residual: residual === undefined || residual === 'input' ? residual : packer.linear([residual], 'fp32'),
  }
}

function packHalf(norms: HalfLayerNorms, packer: WeightPacker): PackedHalf {
  return {
    inputNorm: packNorm(norms.inputNorm, packer),
    resultNorm: packNorm(norms.resultNorm, packer),
    outputNorm: packNorm(norms.outputNorm, packer),
  }
}

function packNorm(norm: NormSpec | undefined, packer: WeightPacker): PackedNorm | undefined {
  return norm === undefined ? undefined : packer.norm(norm)
}

function outputsOf({ weight }: LinearSpec): number {
  return weight.shape[0] ?? 1
}
