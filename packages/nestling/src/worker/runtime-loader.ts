import { kernelBuilds, type KernelFeatures } from '../engine/kernels/choose-kernels.js'
import { loadKernels, type KernelModule } from '../engine/kernels/load-kernels.js'
import { machine } from '../engine/machine.js'
import { loadRuntime, type OnnxRuntime } from '../engine/onnx/runtime.js'
import { webLocks } from '@nestling/kit/locks/web-locks'
import { EmbedderError } from '../wire/embedder-error.js'
import type { KernelUrls, LoadRequest, OnnxBuild, RuntimeUrls } from '../wire/protocol.js'

/** Loads builds of onnxruntime-web, each once. */
export type RuntimeLoader = (name: OnnxBuild) => Promise<OnnxRuntime>

/** Makes a loader of runtimes. */
export function createRuntimeLoader(request: LoadRequest): RuntimeLoader {
  const loading = new Map<OnnxBuild, Promise<OnnxRuntime>>()
  return (name) => {
    const known = loading.get(name)
    if (known !== undefined) return known
    const runtime = (async () => loadRuntime(name, urlsOf(request, name)))()
    loading.set(name, runtime)
    return runtime
  }
}

/**
 * Finds the URLs of a runtime.
 *
 * @param name - Which build.
 * @throws {EmbedderError} `environment-unsupported` if there are none.
 */
export function urlsOf(request: LoadRequest, name: OnnxBuild): RuntimeUrls {
  const urls = request.runtimes[name]
  if (urls !== undefined) return urls
  throw new EmbedderError('environment-unsupported', `Cannot load the runtime as ${name} has no URL`)
}

/** Loads our kernels, each kind once. */
export interface KernelLoader {
  /** Those for shared memory, where other workers may come and there is such memory; else the others. */
  readonly best: () => Promise<KernelModule>
  /** Those for a memory of one worker. */
  readonly own: () => Promise<KernelModule>
}

/**
 * Makes a loader of our kernels.
 *
 * @param features - What WebAssembly can do here.
 */
export function createKernelLoader(request: LoadRequest, features: KernelFeatures): KernelLoader {
  const { kernels, sharedKernels } = request
  const load = (urls: KernelUrls, isShared: boolean): Promise<KernelModule> =>
    loadKernels(
      kernelBuilds(urls, features).map((build) => ({ build, url: urls[build] ?? '' })),
      isShared,
    )
  let loadingOwn: Promise<KernelModule> | undefined
  let loadingBest: Promise<KernelModule> | undefined
  const own = (): Promise<KernelModule> => (loadingOwn ??= load(kernels, false))
  const best = (): Promise<KernelModule> => {
    if (sharedKernels === undefined || !canShareMemory()) return own()
    // A browser may refuse the address space that shared memory takes, and a server may lack the files: that is no error.
    return (loadingBest ??= load(sharedKernels, true).catch(own))
  }
  return { best, own }
}

/** Web Locks tell who computes where. */
function canShareMemory(): boolean {
  return machine().canShare && webLocks() !== undefined
}
