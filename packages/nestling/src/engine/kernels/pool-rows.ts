import { normalizeRows } from '@nestling/kit/math/norm'
import type { PackedTailModule } from './packed-encoder.js'
import { MASKED_MAX } from '../pool-weights.js'
import type { EncoderRun } from './run-encoder.js'
import type { StridedRows } from './scratch.js'
import { writePoolWeights } from './token-rows.js'

/**
 * Pools the hidden states of a run and applies the modules that follow.
 *
 * @param run - A run, whose hidden states are computed.
 * @returns `[texts, dim]`, row-major.
 * @see `sentence_transformers.sentence_transformer.modules.pooling.Pooling._forward_padded`
 */
export function poolRows(run: EncoderRun): Float32Array<ArrayBuffer> {
  const { spec, packed, buffers, memory, batch } = run
  const { hiddenSize } = spec
  spec.pooling.modes.forEach((mode, place) => {
    if (mode === 'max') takeMax(run, place * hiddenSize)
    else {
      writePoolWeights(mode, batch, run.rows, memory.floats(buffers.poolWeights, run.rows.tokens))
      addWeighted(run, place * hiddenSize)
    }
  })
  let source = buffers.pooled
  let target = buffers.vectors
  let width = hiddenSize * spec.pooling.modes.length
  for (const module of packed.tail) {
    if (module.kind === 'dense') {
      applyDense(run, module, source, target)
      width = module.outDim
      ;[source, target] = [target, source]
    } else applyInPlace(run, module, source, width)
  }
  return takeRows(run, source, spec.dim)
}

function addWeighted({ kernels, spec, buffers, rows }: EncoderRun, column: number): void {
  const { hidden, pooled, poolWeights } = buffers
  rows.starts.forEach((start, text) => {
    kernels.sumRows(
      hidden.pointer + start * hidden.stride,
      hidden.stride,
      rows.lengths[text] ?? 0,
      spec.hiddenSize,
      poolWeights + start * 4,
      pooled.pointer + text * pooled.stride + column * 4,
    )
  })
}

function takeMax({ kernels, spec, buffers, rows, batch }: EncoderRun, column: number): void {
  const { hidden, pooled } = buffers
  rows.starts.forEach((start, text) => {
    const length = rows.lengths[text] ?? 0
    const first = Math.min(length, batch.skippedTokens)
    kernels.maxRows(
      hidden.pointer + (start + first) * hidden.stride,
      hidden.stride,
      length - first,
      spec.hiddenSize,
      MASKED_MAX,
      pooled.pointer + text * pooled.stride + column * 4,
    )
  })
}

function applyDense(
  { kernels, batch }: EncoderRun,
  module: Extract<PackedTailModule, { kind: 'dense' }>,
  source: StridedRows,
  target: StridedRows,
): void {
  const { linear, activation, outDim, residual } = module
  const rows = Math.ceil(batch.count / 4) * 4
  const multiply = ({ weights, depth, columns, biases }: typeof linear, isSum: boolean): void => {
    kernels.multiplyFloat32(
      source.pointer,
      source.stride,
      rows,
      weights,
      depth,
      columns,
      biases,
      target.pointer,
      target.stride,
      isSum,
    )
  }
  multiply(linear, false)
  kernels.activate(activation, target.pointer, target.stride, rows, outDim)
  if (residual === 'input') kernels.addRows(source.pointer, rows, outDim, target.pointer, target.stride)
  else if (residual !== undefined) multiply(residual, true)
}

function applyInPlace(
  run: EncoderRun,
  module: Exclude<PackedTailModule, { kind: 'dense' }>,
  rows: StridedRows,
  width: number,
): void {
  const { kernels, memory, batch } = run
  if (module.kind === 'layer-norm') {
    const { columns, factors, offsets, epsilon, kind } = module.norm
    const kernel = kind === 'layer' ? kernels.layerNorm : kernels.rootMeanSquareNorm
    kernel(rows.pointer, rows.stride, batch.count, columns, factors, offsets, epsilon, rows.pointer, rows.stride)
    return
  }
  for (let text = 0; text < batch.count; text++) {
    normalizeRows(memory.floats(rows.pointer + text * rows.stride, width), width)
  }
}

function takeRows({ memory, batch }: EncoderRun, rows: StridedRows, dim: number): Float32Array<ArrayBuffer> {
  const vectors = new Float32Array(batch.count * dim)
  for (let text = 0; text < batch.count; text++) {
    vectors.set(memory.floats(rows.pointer + text * rows.stride, dim), text * dim)
  }
  return vectors
}
