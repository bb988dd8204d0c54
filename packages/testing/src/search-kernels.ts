import { compileKernels } from '../../search/kernels/compile.mjs'

let compiled: Promise<WebAssembly.Module> | undefined

/**
 * Compiles the kernels of `packages/search` from their source, as they are now.
 *
 * @returns The module.
 */
export function searchKernels(): Promise<WebAssembly.Module> {
  compiled ??= compileKernels().then((bytes) => WebAssembly.compile(bytes))
  return compiled
}
