/** What the driver calls, see `src/engine/kernels/kernel-exports.ts`. All pointers are bytes; nothing here allocates. */
export { activate, activateGate } from './activation'
export { attend } from './attention'
export { multiplyFloat32 } from './multiply-float32'
export { multiplyInt8, probeProducts } from './multiply-int8'
export { layerNorm, rootMeanSquareNorm } from './norm'
export { packFloat32, packInt8 } from './pack'
export { quantizeRows, quantizeWeights } from './quantize'
export { addRows, addTableRows, gatherRows, maxRows, rotateRows, sumRows } from './rows'
