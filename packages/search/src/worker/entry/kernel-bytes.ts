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

/** The shortest module there is: its magic number and version. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/**
 * Says why the kernels cannot be compiled.
 *
 * @returns The reason, and what to do in a line of its own.
 */
export function whyNoKernels(): string {
  if (typeof WebAssembly === 'undefined') {
    return 'WebAssembly is not here\nLeave the lockdown mode for this site, or use another browser'
  }
  try {
    new WebAssembly.Module(EMPTY_MODULE)
  } catch {
    return "the content security policy of the worker forbids WebAssembly\nAdd 'wasm-unsafe-eval' to script-src, in the policy of the page and in that of the worker's script"
  }
  return 'WebAssembly with SIMD is not here\nUse a browser from 2023 or newer'
}
