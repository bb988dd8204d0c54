import type { LinearSpec, NormSpec, TailSpec, WeightRef } from '../../model/encoder-spec.js'
import { normalizeRows } from '@nestling/kit/math/norm'
import { activationFunction } from '../activate.js'
import { toFloat32 } from '../weight-values.js'

/** Bytes of safetensors files by their paths in the folder. */
type WeightFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>

/** One module after pooling: takes `[count, in]` and gives `[count, out]`. */
type TailModule = (vectors: Float32Array<ArrayBuffer>, count: number) => Float32Array<ArrayBuffer>

/**
 * Prepares the modules after pooling to run on the CPU in float32.
 *
 * @param tail - The modules in order.
 * @param files - Files that hold their weights.
 * @returns Gives `[count, dim]` for pooled vectors; it may change what it is given.
 */
export function createTail(tail: readonly TailSpec[], files: WeightFiles): TailModule {
  const modules = tail.map((module) => createModule(module, files))
  return (vectors, count) => modules.reduce((result, module) => module(result, count), vectors)
}

function createModule(module: TailSpec, files: WeightFiles): TailModule {
  if (module.kind === 'normalize') return (vectors, count) => normalizeRows(vectors, vectors.length / count)
  return module.kind === 'dense' ? createDense(module, files) : createLayerNorm(module.norm, files)
}

/** @see `torch.nn.LayerNorm` */
function createLayerNorm({ weight, bias, epsilon }: NormSpec, files: WeightFiles): TailModule {
  const factors = floatsOf(weight, files)
  const offsets = bias === undefined ? new Float32Array(factors.length) : floatsOf(bias, files)
  return (vectors, count) => {
    for (let row = 0; row < count; row++) {
      const values = vectors.subarray(row * factors.length, (row + 1) * factors.length)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
      const deviation = Math.sqrt(variance + epsilon)
      values.forEach((value, index) => {
        values[index] = ((value - mean) / deviation) * (factors[index] as number) + (offsets[index] as number)
      })
    }
    return vectors
  }
}

function createDense(module: Extract<TailSpec, { kind: 'dense' }>, files: WeightFiles): TailModule {
  const { weight, bias }: LinearSpec = module.linear
  const matrix = floatsOf(weight, files)
  const offsets = bias === undefined ? new Float32Array(module.outDim) : floatsOf(bias, files)
  const inDim = matrix.length / module.outDim
  const activate = activationFunction(module.activation)
  const projection =
    module.residual === undefined || module.residual === 'input' ? undefined : floatsOf(module.residual.weight, files)
  const residualOf = (input: Float32Array, out: number): number => {
    if (module.residual === undefined) return 0
    return projection === undefined ? (input[out] as number) : dot(input, projection, out * inDim)
  }
  return (vectors, count) => {
    const results = new Float32Array(count * module.outDim)
    for (let row = 0; row < count; row++) {
      const input = vectors.subarray(row * inDim, (row + 1) * inDim)
      for (let out = 0; out < module.outDim; out++) {
        const value = activate(dot(input, matrix, out * inDim) + (offsets[out] as number))
        results[row * module.outDim + out] = value + residualOf(input, out)
      }
    }
    return results
  }
}

function dot(input: Float32Array, matrix: Float32Array, start: number): number {
  let sum = 0
  for (let index = 0; index < input.length; index++) {
    sum += (input[index] as number) * (matrix[start + index] as number)
  }
  return sum
}

function floatsOf(weight: WeightRef, files: WeightFiles): Float32Array {
  const file = files.get(weight.file)
  if (file === undefined) throw new Error(`Cannot find the bytes of ${weight.file}`)
  return toFloat32(weight, file)
}
