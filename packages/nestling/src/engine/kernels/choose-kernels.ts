import type { KernelBuild, KernelUrls, LoadRequest } from '../../wire/protocol.js'

/** What WebAssembly can do here, as far as kernels need it. */
export interface KernelFeatures {
  readonly hasSimd: boolean
  readonly hasRelaxedSimd: boolean
}

/**
 * Lists the builds of the kernels that can run here.
 *
 * @param features - What WebAssembly can do.
 * @returns The builds, the best first; none where another engine has to do it.
 */
export function kernelBuilds(urls: KernelUrls, { hasSimd, hasRelaxedSimd }: KernelFeatures): KernelBuild[] {
  const builds: readonly (readonly [KernelBuild, boolean])[] = [
    ['relaxed-simd', hasRelaxedSimd],
    ['simd', hasSimd],
  ]
  return builds.filter(([build, isPossible]) => isPossible && urls[build] !== undefined).map(([build]) => build)
}

/**
 * Tells whether a model may only run on the CPU: `q8` is what our kernels compute in, and no other engine of `auto` does.
 *
 * @param request - What was asked for.
 * @returns Whether WebGPU is out of question.
 */
export function needsKernels({ engine, dtype }: Pick<LoadRequest, 'engine' | 'dtype'>): boolean {
  return engine === 'kernels' || (engine === 'auto' && dtype === 'q8')
}
