/** Compiles one build of the kernels, for a memory of its own or for one that several workers share. */
export function compileKernels(
  name: 'relaxed-simd' | 'simd',
  options?: { readonly isShared?: boolean },
): Promise<Uint8Array<ArrayBuffer>>
