import { multiplyAdd } from './simd'

/** Writes eight outputs of a row, added to what was there where that is asked for. */
@inline
export function writeOutputs(output: usize, value0: v128, value1: v128, isSum: bool): void {
  if (isSum) {
    value0 = f32x4.add(value0, v128.load(output))
    value1 = f32x4.add(value1, v128.load(output, 16))
  }
  v128.store(output, value0)
  v128.store(output, value1, 16)
}

/**
 * Multiplies one tile of 4 rows and 8 columns: output = input * matrix + start, where the matrix has a row of 8 columns for each depth.
 *
 * @see {@link multiplyFloat32} and `attend`, which differ in where the matrix lies.
 */
@inline
export function multiplyTile(
  input: usize,
  inputStride: usize,
  depth: i32,
  matrix: usize,
  matrixStride: usize,
  start0: v128,
  start1: v128,
  output: usize,
  outputStride: usize,
  isSum: bool,
): void {
  let in0 = input
  let in1 = in0 + inputStride
  let in2 = in1 + inputStride
  let in3 = in2 + inputStride
  let a0 = start0
  let a1 = start1
  let b0 = start0
  let b1 = start1
  let c0 = start0
  let c1 = start1
  let d0 = start0
  let d1 = start1
  for (const end = in0 + (<usize>depth << 2); in0 < end; ) {
    const w0 = v128.load(matrix)
    const w1 = v128.load(matrix, 16)
    let x = v128.load32_splat(in0)
    a0 = multiplyAdd(x, w0, a0)
    a1 = multiplyAdd(x, w1, a1)
    x = v128.load32_splat(in1)
    b0 = multiplyAdd(x, w0, b0)
    b1 = multiplyAdd(x, w1, b1)
    x = v128.load32_splat(in2)
    c0 = multiplyAdd(x, w0, c0)
    c1 = multiplyAdd(x, w1, c1)
    x = v128.load32_splat(in3)
    d0 = multiplyAdd(x, w0, d0)
    d1 = multiplyAdd(x, w1, d1)
    matrix += matrixStride
    in0 += 4
    in1 += 4
    in2 += 4
    in3 += 4
  }
  writeOutputs(output, a0, a1, isSum)
  output += outputStride
  writeOutputs(output, b0, b1, isSum)
  output += outputStride
  writeOutputs(output, c0, c1, isSum)
  output += outputStride
  writeOutputs(output, d0, d1, isSum)
}

/**
 * Multiplies rows with packed float32 weights: output = input * transpose(weights) + bias. `weights` is what `packFloat32` wrote. `rows`
 * is a multiple of 4, `columns` of 8. With `isSum` the product is added to what `output` holds.
 */
export function multiplyFloat32(
  input: usize,
  inputStride: usize,
  rows: i32,
  weights: usize,
  depth: i32,
  columns: i32,
  biases: usize,
  output: usize,
  outputStride: usize,
  isSum: bool,
): void {
  for (let first = 0; first < columns; first += 8) {
    const column = <usize>first << 2
    const panel = weights + <usize>first * (<usize>depth << 2)
    const bias0 = v128.load(biases + column)
    const bias1 = v128.load(biases + column, 16)
    for (let row = 0; row < rows; row += 4) {
      const source = input + <usize>row * inputStride
      const target = output + <usize>row * outputStride + column
      multiplyTile(source, inputStride, depth, panel, 32, bias0, bias1, target, outputStride, isSum)
    }
  }
}
