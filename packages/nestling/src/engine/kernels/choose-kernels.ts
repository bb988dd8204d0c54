import type { KernelBuild, KernelUrls } from '../../wire/protocol.js'

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
