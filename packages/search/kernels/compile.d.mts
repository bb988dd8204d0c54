/** Compiles the kernels. */
export function compileKernels(): Promise<Uint8Array<ArrayBuffer>>
