import type { EncoderSpec } from '../../model/encoder-spec.js'
import type { EncoderBatch } from '../engine.js'
import { positionIds } from '../position-ids.js'
import type { KernelExports } from './kernel-exports.js'
import type { KernelMemory } from './kernel-memory.js'
import type { PackedAttention, PackedEncoder, PackedFeedForward, PackedHalf } from './packed-encoder.js'
import { paddedDepth, type PackedLinear, type PackedNorm } from './packed-weights.js'
import { BLOCK_ROWS, type Buffers, type StridedRows } from './scratch.js'
import { writeTokenRows, type TokenRows } from './token-rows.js'

/** What a run needs. */
export interface EncoderRun {
  readonly kernels: KernelExports
  /** Whether this machine multiplies int8 in steps. */
  readonly inSteps: boolean
  readonly memory: KernelMemory
  readonly spec: EncoderSpec
  readonly packed: PackedEncoder
  readonly buffers: Buffers
  readonly batch: EncoderBatch
  readonly rows: TokenRows
}

/** Everything is within this distance. */
const NO_MAX_DISTANCE = 2 ** 30

const rowAt = ({ pointer, stride }: StridedRows, row: number): StridedRows => ({
  pointer: pointer + row * stride,
  stride,
})
const columnAt = ({ pointer, stride }: StridedRows, column: number): StridedRows => ({
  pointer: pointer + column * 4,
  stride,
})

/**
 * Computes the last hidden states of a batch's tokens: `[tokens, hiddenSize]` in `buffers.hidden`.
 *
 * All but attention looks at one token at a time, so that work goes in blocks of rows through a whole half layer, and what a block
 * needs stays in the caches. StridedRows are worked on in fours: up to three behind the last hold anything.
 */
export function runEncoder(run: EncoderRun): void {
  writeInputs(run)
  eachBlock(run, (first, count) => {
    embed(run, first, count)
  })
  for (const { attention, feedForward } of run.packed.layers) {
    eachBlock(run, (first, count) => {
      prepareHeads(run, attention, first, count)
    })
    attend(run, attention)
    eachBlock(run, (first, count) => {
      finishAttention(run, attention, first, count)
      feedForwardBlock(run, feedForward, first, count)
    })
  }
  normInPlace(run, run.packed.finalNorm, run.buffers.hidden, run.rows.tokens)
}

function writeInputs({ memory, spec, batch, rows, buffers }: EncoderRun): void {
  writeTokenRows(batch.ids, batch, rows, memory.integers(buffers.ids, rows.tokens))
  const { position } = spec.embeddings
  if (position !== undefined) {
    writeTokenRows(positionIds(position, batch), batch, rows, memory.integers(buffers.positions, rows.tokens))
  }
  if (spec.rotaries.length === 0) return
  const places = memory.integers(buffers.places, rows.tokens)
  rows.starts.forEach((start, text) => {
    for (let place = 0; place < (rows.lengths[text] ?? 0); place++) places[start + place] = place
  })
}

function eachBlock({ rows: { tokens } }: EncoderRun, work: (first: number, count: number) => void): void {
  for (let first = 0; first < tokens; first += BLOCK_ROWS) work(first, Math.min(BLOCK_ROWS, tokens - first))
}

function embed(run: EncoderRun, first: number, count: number): void {
  const { kernels, packed, buffers } = run
  const { word, wordScale, position, tokenType, norm, projection } = packed.embeddings
  const hidden = rowAt(buffers.hidden, first)
  const { pointer, stride } = projection === undefined ? hidden : buffers.input
  const { columns } = word
  const ids = buffers.ids + first * 4
  kernels.gatherRows(ids, count, columns, word.values, word.scales, wordScale, pointer, stride)
  if (position !== undefined) {
    kernels.addTableRows(buffers.positions + first * 4, count, columns, position, pointer, stride)
  }
  if (tokenType !== undefined) kernels.addTableRows(0, count, columns, tokenType, pointer, stride)
  normInPlace(run, norm, { pointer, stride }, count)
  if (projection !== undefined) multiply(run, projection, count, { input: { pointer, stride }, output: hidden })
}

function prepareHeads(run: EncoderRun, attention: PackedAttention, first: number, count: number): void {
  const { spec, input, queryNorm, keyNorm } = attention
  const target = rowAt(run.buffers.heads, first)
  multiply(run, input, count, { input: normalizedInput(run, attention, first, count), output: target })
  const [queryStart = 0, keyStart = 0] = input.starts
  const query = columnAt(target, queryStart)
  const key = columnAt(target, keyStart)
  normHeads(run, queryNorm, count, { rows: query, heads: spec.heads })
  normHeads(run, keyNorm, count, { rows: key, heads: spec.keyValueHeads })
  const rotary = spec.rotary === undefined ? undefined : run.buffers.rotaries[spec.rotary]
  if (rotary === undefined) return
  const places = run.buffers.places + first * 4
  const half = spec.headDim / 2
  const { kernels } = run
  kernels.rotateRows(query.pointer, query.stride, places, count, spec.heads, half, rotary.cosines, rotary.sines)
  kernels.rotateRows(key.pointer, key.stride, places, count, spec.keyValueHeads, half, rotary.cosines, rotary.sines)
}

function attend({ kernels, spec, buffers, rows }: EncoderRun, { spec: attention, input }: PackedAttention): void {
  const { heads, keyValueHeads, headDim, scale } = attention
  const mask = spec.masks[attention.mask]
  const [queryStart = 0, keyStart = 0, valueStart = 0] = input.starts
  const biases = spec.relativeBias === undefined ? 0 : buffers.biases.pointer + buffers.biases.middle * 4
  rows.starts.forEach((start, text) => {
    const source = rowAt(buffers.heads, start)
    const target = rowAt(buffers.context, start)
    kernels.attend(
      columnAt(source, queryStart).pointer,
      columnAt(source, keyStart).pointer,
      columnAt(source, valueStart).pointer,
      source.stride,
      rows.lengths[text] ?? 0,
      heads,
      keyValueHeads,
      headDim,
      scale,
      biases,
      buffers.biases.stride,
      mask?.isCausal ?? false,
      mask?.maxDistance ?? NO_MAX_DISTANCE,
      buffers.packedKeys,
      buffers.scores,
      target.pointer,
      target.stride,
    )
  })
}

function finishAttention(run: EncoderRun, attention: PackedAttention, first: number, count: number): void {
  addResult(run, attention, attention.output, { input: rowAt(run.buffers.context, first), first, count })
}

function feedForwardBlock(run: EncoderRun, half: PackedFeedForward, first: number, count: number): void {
  const { kernels, buffers } = run
  const { inner } = buffers
  multiply(run, half.input, count, { input: normalizedInput(run, half, first, count), output: inner })
  if (half.hasGate) {
    const up = columnAt(inner, half.input.starts[1] ?? 0)
    kernels.activateGate(half.activation, inner.pointer, up.pointer, inner.stride, count, half.inner)
  } else kernels.activate(half.activation, inner.pointer, inner.stride, count, half.inner)
  addResult(run, half, half.down, { input: inner, first, count })
}

/** What goes into a half layer: hidden states, normalised into a buffer where the model does that first. */
function normalizedInput(run: EncoderRun, { inputNorm }: PackedHalf, first: number, count: number): StridedRows {
  const hidden = rowAt(run.buffers.hidden, first)
  if (inputNorm === undefined) return hidden
  norm(run, inputNorm, count, { input: hidden, output: run.buffers.input })
  return run.buffers.input
}

/** hidden = output(hidden + result(linear(input))), each norm where there is one. */
function addResult(
  run: EncoderRun,
  half: PackedHalf,
  linear: PackedLinear,
  { input, first, count }: { readonly input: StridedRows; readonly first: number; readonly count: number },
): void {
  const hidden = rowAt(run.buffers.hidden, first)
  if (half.resultNorm === undefined) multiply(run, linear, count, { input, output: hidden, isSum: true })
  else {
    const { result } = run.buffers
    multiply(run, linear, count, { input, output: result })
    normInPlace(run, half.resultNorm, result, count)
    run.kernels.addRows(result.pointer, count, run.spec.hiddenSize, hidden.pointer, hidden.stride)
  }
  normInPlace(run, half.outputNorm, hidden, count)
}

/** Where rows come from and go to. */
interface Way {
  readonly input: StridedRows
  readonly output: StridedRows
  /** Whether the result is added to what is there. */
  readonly isSum?: boolean
}

function multiply({ kernels, buffers, inSteps }: EncoderRun, linear: PackedLinear, count: number, way: Way): void {
  const { input, output, isSum = false } = way
  const { weights, depth, columns, factors, totals, biases } = linear
  const rows = Math.ceil(count / 4) * 4
  const { pointer: target, stride } = output
  if (linear.dtype === 'fp32') {
    const { pointer: source, stride: sourceStride } = input
    kernels.multiplyFloat32(source, sourceStride, rows, weights, depth, columns, biases, target, stride, isSum)
    return
  }
  const { quantized, ranges } = buffers
  kernels.quantizeRows(input.pointer, input.stride, rows, depth, quantized, ranges)
  kernels.multiplyInt8(
    quantized,
    ranges,
    rows,
    weights,
    paddedDepth(linear),
    columns,
    factors,
    totals,
    biases,
    target,
    stride,
    isSum,
    inSteps,
  )
}

function norm({ kernels }: EncoderRun, packed: PackedNorm, count: number, { input, output }: Way): void {
  const kernel = packed.kind === 'layer' ? kernels.layerNorm : kernels.rootMeanSquareNorm
  const { columns, factors, offsets, epsilon } = packed
  kernel(input.pointer, input.stride, count, columns, factors, offsets, epsilon, output.pointer, output.stride)
}

function normInPlace(run: EncoderRun, packed: PackedNorm | undefined, rows: StridedRows, count: number): void {
  if (packed !== undefined) norm(run, packed, count, { input: rows, output: rows })
}

function normHeads(
  run: EncoderRun,
  packed: PackedNorm | undefined,
  count: number,
  { rows, heads }: { readonly rows: StridedRows; readonly heads: number },
): void {
  if (packed === undefined) return
  for (let head = 0; head < heads; head++) normInPlace(run, packed, columnAt(rows, head * packed.columns), count)
}
