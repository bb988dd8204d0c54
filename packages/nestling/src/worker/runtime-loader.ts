import { kernelBuilds, type KernelFeatures } from '../engine/kernels/choose-kernels.js'
import { loadKernels, type KernelModule } from '../engine/kernels/load-kernels.js'
import { loadRuntime, type OnnxRuntime } from '../engine/onnx/runtime.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { LoadRequest, OnnxBuild, RuntimeUrls } from '../wire/protocol.js'

/** Loads builds of onnxruntime-web, each once. */
export type RuntimeLoader = (name: OnnxBuild) => Promise<OnnxRuntime>

/**
 * Makes a loader of runtimes.
 *
 * @param request - Where they are.
 * @returns The loader.
 */
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
 * @param request - Where they are.
 * @param name - Which build.
 * @returns Its URLs.
 * @throws {EmbedderError} `environment-unsupported` if there are none.
 */
export function urlsOf(request: LoadRequest, name: OnnxBuild): RuntimeUrls {
  const urls = request.runtimes[name]
  if (urls !== undefined) return urls
  throw new EmbedderError('environment-unsupported', `Cannot load the runtime as ${name} has no URL`)
}

/** Loads our kernels, once. */
export type KernelLoader = () => Promise<KernelModule>

/**
 * Makes a loader of our kernels.
 *
 * @param request - Where they are.
 * @param features - What WebAssembly can do here.
 * @returns The loader.
 */
export function createKernelLoader({ kernels }: LoadRequest, features: KernelFeatures): KernelLoader {
  let loading: Promise<KernelModule> | undefined
  const urls = kernelBuilds(kernels, features).map((build) => ({ build, url: kernels[build] ?? '' }))
  return () => (loading ??= loadKernels(urls))
}
