/** Compiles one build of the kernels. */
export function compileKernels(name: 'relaxed-simd' | 'simd'): Promise<Uint8Array<ArrayBuffer>>
