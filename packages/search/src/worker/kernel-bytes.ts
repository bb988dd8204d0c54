/** The kernels as base64: the build writes them in. In the worker's own file no bundler and no server can lose them. */
const KERNELS = 'kernels@build'

/**
 * Compiles the kernels.
 *
 * @returns The module.
 * @throws {Error} If WebAssembly has no SIMD here, or the page's content security policy forbids it.
 */
export function compileKernels(): WebAssembly.Module {
  const bytes = Uint8Array.from(atob(KERNELS), (letter) => letter.charCodeAt(0))
  return new WebAssembly.Module(bytes)
}
