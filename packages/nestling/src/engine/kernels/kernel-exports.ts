/** A place in the kernels' memory, in bytes; 0 stands for nothing. */
export type Pointer = number

/**
 * Functions of the WebAssembly module, see `packages/nestling/kernels`. Strides are in bytes; `isSum` adds to what the output holds.
 */
export interface KernelExports {
  activate(kind: number, values: Pointer, stride: number, rows: number, columns: number): void
  activateGate(kind: number, gate: Pointer, up: Pointer, stride: number, rows: number, columns: number): void
  attend(
    queries: Pointer,
    keys: Pointer,
    values: Pointer,
    stride: number,
    length: number,
    heads: number,
    keyValueHeads: number,
    headDim: number,
    scale: number,
    biases: Pointer,
    biasStride: number,
    isCausal: boolean,
    maxDistance: number,
    packedKeys: Pointer,
    scores: Pointer,
    output: Pointer,
    outputStride: number,
  ): void
  multiplyFloat32(
    input: Pointer,
    inputStride: number,
    rows: number,
    weights: Pointer,
    depth: number,
    columns: number,
    biases: Pointer,
    output: Pointer,
    outputStride: number,
    isSum: boolean,
  ): void
  multiplyInt8(
    input: Pointer,
    ranges: Pointer,
    rows: number,
    weights: Pointer,
    depth: number,
    columns: number,
    factors: Pointer,
    totals: Pointer,
    biases: Pointer,
    output: Pointer,
    outputStride: number,
    isSum: boolean,
    inSteps: boolean,
  ): void
  /** How dot products are computed here: 0 wrong, 1 in one instruction, 2 in steps. */
  probeProducts(scratch: Pointer): number
  layerNorm: NormKernel
  rootMeanSquareNorm: NormKernel
  packFloat32(source: Pointer, columns: number, depth: number, target: Pointer): void
  packInt8(
    source: Pointer,
    scales: Pointer,
    columns: number,
    depth: number,
    target: Pointer,
    factors: Pointer,
    totals: Pointer,
  ): void
  quantizeRows(source: Pointer, stride: number, rows: number, columns: number, target: Pointer, ranges: Pointer): void
  quantizeWeights(source: Pointer, rows: number, columns: number, target: Pointer, scales: Pointer): void
  addRows(source: Pointer, rows: number, columns: number, target: Pointer, stride: number): void
  addTableRows(ids: Pointer, rows: number, columns: number, table: Pointer, target: Pointer, targetStride: number): void
  gatherRows(
    ids: Pointer,
    rows: number,
    columns: number,
    table: Pointer,
    scales: Pointer,
    factor: number,
    target: Pointer,
    targetStride: number,
  ): void
  maxRows(source: Pointer, stride: number, rows: number, columns: number, least: number, target: Pointer): void
  rotateRows(
    values: Pointer,
    stride: number,
    positions: Pointer,
    rows: number,
    heads: number,
    half: number,
    cosines: Pointer,
    sines: Pointer,
  ): void
  sumRows(source: Pointer, stride: number, rows: number, columns: number, weights: Pointer, target: Pointer): void
}

interface NormKernel {
  (
    source: Pointer,
    sourceStride: number,
    rows: number,
    columns: number,
    factors: Pointer,
    offsets: Pointer,
    epsilon: number,
    target: Pointer,
    targetStride: number,
  ): void
}
