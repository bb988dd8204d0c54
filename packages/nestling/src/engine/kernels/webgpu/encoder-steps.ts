import type {
  AttentionSpec,
  EncoderSpec,
  FeedForwardSpec,
  HalfLayerNorms,
  LinearSpec,
  NormSpec,
  TailSpec,
} from '../../../model/encoder-spec.js'
import { ACTIVATION_NUMBERS } from '../activation-numbers.js'
import { MASKED_MAX } from '../../pool-weights.js'
import type { GpuScratchName, GpuWidths } from './gpu-scratch.js'
import { parametersOf, type GpuStep } from './gpu-step.js'
import type { GpuLinear, GpuWeights } from './gpu-weights.js'
import type { Tiles } from './product-kernels.js'
import { relativeBiases } from './relative-biases.js'
import { ATTENTION_FIELDS, attentionShader, attentionTile } from './shaders/attention.js'
import { HEADS, HEADS_FIELDS, HEADS_FLAGS, HEADS_THREADS } from './shaders/heads.js'
import { NORM_KINDS } from './shaders/norm.js'
import { PRODUCT_FLAGS, type WeightKind } from './shaders/product.js'
import { EMBED, EMBED_FIELDS, EMBED_FLAGS, POOL, POOL_FIELDS, ROW_THREADS } from './shaders/rows.js'
import { reads, StepWriter, wordsOf, written, type Way } from './step-writer.js'

/** What an encoder is on the GPU. */
export interface GpuProgram {
  readonly steps: readonly GpuStep[]
  /** Queries that attention works on at a time. */
  readonly queries: number
  /** Which buffer has the vectors in the end. */
  readonly result: GpuScratchName
  /** Words of four that a row of each buffer takes. */
  readonly widths: GpuWidths
}

/** What a program is made of. */
export interface ProgramOptions {
  readonly spec: EncoderSpec
  readonly weights: GpuWeights
  readonly kind: WeightKind
  readonly tiles: Tiles
}

/** Everything is within this distance. */
const NO_MAX_DISTANCE = 0xffffffff

/**
 * Writes an encoder as dispatches: seven a layer, one more where heads are normalised or turned, or norms come first.
 *
 * What is computed once a text (the tail) stays float32 in any dtype.
 *
 * @param options - The encoder, and where its weights go.
 * @returns The dispatches, in order.
 * @throws {EmbedderError} `out-of-memory` if a weight is larger than a binding may be.
 */
export function encoderProgram(options: ProgramOptions): GpuProgram {
  return new ProgramWriter(options).write()
}

class ProgramWriter {
  readonly #spec: EncoderSpec
  readonly #weights: GpuWeights
  readonly #kind: WeightKind
  readonly #writer: StepWriter
  readonly #biases: { readonly buffer: GPUBuffer; readonly reach: number }
  #queries = 1

  constructor({ spec, weights, kind, tiles }: ProgramOptions) {
    this.#spec = spec
    this.#weights = weights
    this.#kind = kind
    this.#writer = new StepWriter(weights, tiles)
    this.#biases = relativeBiases(spec, weights)
    this.#writer.widths.hidden = wordsOf(spec.hiddenSize)
  }

  write(): GpuProgram {
    const { layers, finalNorm, hiddenSize } = this.#spec
    this.#queries = Math.min(...layers.map(({ attention }) => attentionTile(wordsOf(attention.headDim)).queries), 64)
    this.#embed(layers[0]?.attention.inputNorm)
    layers.forEach(({ attention, feedForward }, index) => {
      this.#attention(attention, feedForward.inputNorm)
      this.#feedForward(feedForward, layers[index + 1]?.attention.inputNorm)
    })
    if (finalNorm !== undefined) {
      const stride = this.#writer.widths.hidden
      this.#writer.norm(finalNorm, { columns: hiddenSize, input: 'hidden', output: 'hidden', stride })
    }
    this.#pool()
    const result = this.#tail()
    return { steps: this.#writer.steps, queries: this.#queries, result, widths: this.#writer.widths }
  }

  #embed(next: NormSpec | undefined): void {
    const { word, wordScale = 1, position, tokenType, norm, projection } = this.#spec.embeddings
    const table = this.#weights.table(word, this.#kind)
    const columns = word.shape[1] ?? 1
    const hasRows = position !== undefined || tokenType !== undefined
    const rows = hasRows ? this.#weights.rows(position?.weight, tokenType, columns) : this.#weights.none
    const output = projection === undefined ? 'hidden' : 'input'
    this.#writer.widen(output, table.words)
    for (const part of table.parts) {
      this.#writer.add({
        label: 'embed',
        kernel: { code: EMBED, groups: ({ rows: count }) => [Math.ceil(table.words / ROW_THREADS), count] },
        parameters: parametersOf(
          EMBED_FIELDS,
          {
            words: table.words,
            stride: table.words,
            kind: table.kind,
            firstId: part.firstRow,
            rows: part.rows,
            flags: hasRows ? EMBED_FLAGS.positions : 0,
          },
          [wordScale],
        ),
        bindings: [...reads(part.values, part.scales, rows), written(output)],
      })
    }
    const hasNext = projection === undefined && norm !== undefined
    if (norm !== undefined) {
      const way = { columns, input: output, output, stride: table.words } as const
      this.#writer.norm(norm, { ...way, next: hasNext ? next : undefined })
    }
    if (projection === undefined) return
    const linear = this.#weights.linear([projection], { kind: this.#kind })
    const outStride = this.#writer.widths.hidden
    this.#writer.product('projection', linear, { input: 'input', inStride: table.words, output: 'hidden', outStride })
  }

  #attention(spec: AttentionSpec, next: NormSpec | undefined): void {
    const { heads, keyValueHeads, headDim } = spec
    const words = wordsOf(headDim)
    const groups = { size: headDim, padded: 4 * words }
    const input = this.#input(spec)
    const linears = [spec.query, spec.key, spec.value]
    const linear = this.#weights.linear(linears, { kind: this.#kind, groups })
    const stride = words * (heads + 2 * keyValueHeads)
    this.#writer.widen('wide', stride)
    this.#writer.widen('context', words * heads)
    const inStride = this.#writer.widths.hidden
    this.#writer.product('query, key and value', linear, { input, inStride, output: 'wide', outStride: stride })
    this.#heads(spec, stride)
    this.#attend(spec, stride)
    const output = this.#weights.linear([spec.output], { kind: this.#kind, inputGroups: groups })
    this.#addResult(spec, output, { input: 'context', inStride: words * heads, next })
  }

  #heads({ queryNorm, keyNorm, rotary, heads, keyValueHeads, headDim }: AttentionSpec, stride: number): void {
    if (queryNorm === undefined && keyNorm === undefined && rotary === undefined) return
    const words = wordsOf(headDim)
    const hasNorms = queryNorm !== undefined || keyNorm !== undefined
    const factors = hasNorms ? this.#weights.norms([queryNorm, keyNorm], headDim, false) : this.#weights.none
    this.#writer.add({
      label: 'heads',
      kernel: {
        code: HEADS,
        groups: ({ rows }) => [Math.ceil((heads + keyValueHeads) / HEADS_THREADS), rows],
      },
      parameters: parametersOf(
        HEADS_FIELDS,
        {
          stride: 4 * stride,
          heads,
          keyValueHeads,
          headDim,
          headStride: 4 * words,
          keyStart: 4 * words * heads,
          flags:
            (queryNorm === undefined ? 0 : HEADS_FLAGS.queryNorm) |
            (keyNorm === undefined ? 0 : HEADS_FLAGS.keyNorm) |
            (rotary === undefined ? 0 : HEADS_FLAGS.rotary),
          kind: NORM_KINDS[queryNorm?.kind ?? keyNorm?.kind ?? 'layer'],
        },
        [queryNorm?.epsilon ?? 0, keyNorm?.epsilon ?? 0],
      ),
      bindings: [
        { buffer: factors },
        { buffer: rotary === undefined ? this.#weights.none : `turns ${rotary}` },
        written('wide'),
      ],
    })
  }

  #attend({ heads, keyValueHeads, headDim, scale, mask }: AttentionSpec, stride: number): void {
    const words = wordsOf(headDim)
    const tile = { ...attentionTile(words), queries: this.#queries }
    const { isCausal = false, maxDistance = NO_MAX_DISTANCE } = this.#spec.masks[mask] ?? {}
    this.#writer.add({
      label: 'attention',
      kernel: { code: attentionShader(tile), groups: ({ blocks }) => [blocks, heads] },
      parameters: parametersOf(
        ATTENTION_FIELDS,
        {
          stride,
          keyStart: words * heads,
          valueStart: words * (heads + keyValueHeads),
          outStride: words * heads,
          groupHeads: heads / keyValueHeads,
          isCausal: Number(isCausal),
          maxDistance,
          biasReach: this.#biases.reach,
        },
        [scale],
      ),
      bindings: [...reads('wide', this.#biases.buffer), written('context')],
    })
  }

  #feedForward(spec: FeedForwardSpec, next: NormSpec | undefined): void {
    const { gate, up, activation, down } = spec
    const input = this.#input(spec)
    const isInterleaved = gate !== undefined
    const linear = this.#weights.linear(gate === undefined ? [up] : [gate, up], { kind: this.#kind, isInterleaved })
    const inner = wordsOf(up.weight.shape[0] ?? 1)
    this.#writer.widen('wide', inner)
    this.#writer.product('up', linear, {
      input,
      inStride: this.#writer.widths.hidden,
      output: 'wide',
      outStride: inner,
      activation: ACTIVATION_NUMBERS[activation],
      flags: isInterleaved ? PRODUCT_FLAGS.gate : 0,
    })
    const last = this.#weights.linear([down], { kind: this.#kind })
    this.#addResult(spec, last, { input: 'wide', inStride: inner, next })
  }

  /** What goes into a half layer: hidden states, normalised into another buffer where the model does that first. */
  #input({ inputNorm }: HalfLayerNorms): GpuScratchName {
    if (inputNorm === undefined) return 'hidden'
    if (!this.#writer.takeReady(inputNorm)) {
      const stride = this.#writer.widths.hidden
      this.#writer.norm(inputNorm, { columns: this.#spec.hiddenSize, input: 'hidden', output: 'input', stride })
    }
    return 'input'
  }

  /** hidden = output(hidden + result(linear(input))), each norm where there is one. */
  #addResult(
    { resultNorm, outputNorm }: HalfLayerNorms,
    linear: GpuLinear,
    { input, inStride, next }: Pick<Way, 'input' | 'inStride'> & { readonly next: NormSpec | undefined },
  ): void {
    const stride = this.#writer.widths.hidden
    const way = { input, inStride, outStride: stride }
    const norm = { columns: this.#spec.hiddenSize, output: 'hidden', stride } as const
    if (resultNorm === undefined) {
      this.#writer.product('add result', linear, { ...way, output: 'hidden', flags: PRODUCT_FLAGS.addToOutput })
    } else {
      this.#writer.widen('result', stride)
      this.#writer.product('result', linear, { ...way, output: 'result' })
      const isLast = outputNorm === undefined
      this.#writer.norm(resultNorm, { ...norm, input: 'result', isAdded: true, next: isLast ? next : undefined })
    }
    if (outputNorm !== undefined) this.#writer.norm(outputNorm, { ...norm, input: 'hidden', next })
  }

  #pool(): void {
    const { hiddenSize, pooling } = this.#spec
    const { modes } = pooling
    const width = wordsOf(hiddenSize * modes.length)
    const stride = Math.max(
      width,
      ...this.#spec.tail.map((module) => (module.kind === 'dense' ? wordsOf(module.outDim) : 0)),
    )
    this.#writer.widen('pooled', stride)
    this.#writer.widen('vectors', stride)
    let sums = 0
    modes.forEach((mode, place) => {
      this.#writer.add({
        label: 'pool',
        kernel: { code: POOL, groups: ({ texts }) => [Math.ceil(hiddenSize / ROW_THREADS), texts] },
        parameters: parametersOf(
          POOL_FIELDS,
          {
            stride: 4 * this.#writer.widths.hidden,
            columns: hiddenSize,
            outStride: 4 * stride,
            outColumn: place * hiddenSize,
            weights: mode === 'max' ? 0 : sums++,
            isMax: Number(mode === 'max'),
          },
          [MASKED_MAX],
        ),
        bindings: [...reads('hidden'), written('pooled')],
      })
    })
  }

  /** Gives the buffer that the vectors are in. */
  #tail(): GpuScratchName {
    let source: GpuScratchName = 'pooled'
    let target: GpuScratchName = 'vectors'
    let columns = this.#spec.hiddenSize * this.#spec.pooling.modes.length
    for (const module of this.#spec.tail) {
      if (module.kind === 'dense') {
        this.#dense(module, source, target)
        columns = module.outDim
        ;[source, target] = [target, source]
      } else {
        const norm = module.kind === 'normalize' ? 'normalize' : module.norm
        const stride = this.#writer.widths.vectors
        this.#writer.norm(norm, { columns, input: source, output: source, stride, counts: 'texts' })
      }
    }
    return source
  }

  #dense(module: Extract<TailSpec, { kind: 'dense' }>, input: GpuScratchName, output: GpuScratchName): void {
    const { linear, activation, residual } = module
    const stride = this.#writer.widths.vectors
    const way = { input, output, inStride: stride, outStride: stride, counts: 'texts' } as const
    const product = (layer: LinearSpec, flags: number, number: number): void => {
      const packed = this.#weights.linear([layer], { kind: 'fp32' })
      const outWords = wordsOf(module.outDim)
      this.#writer.product('dense', packed, { ...way, flags, activation: number }, outWords)
    }
    product(linear, residual === 'input' ? PRODUCT_FLAGS.addInput : 0, ACTIVATION_NUMBERS[activation])
    if (residual !== undefined && residual !== 'input')
      product(residual, PRODUCT_FLAGS.addToOutput, ACTIVATION_NUMBERS.identity)
  }
}
