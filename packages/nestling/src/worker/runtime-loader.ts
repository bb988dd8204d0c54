import { kernelBuilds, type KernelFeatures } from '../engine/kernels/choose-kernels.js'
import { loadKernels, type KernelModule } from '../engine/kernels/load-kernels.js'
import { machine } from '../engine/machine.js'
import { engineMissing, importEngine } from '../engine/import/import-engine.js'
import type * as OnnxBundle from '../engine/onnx/onnx-bundle.js'
import type { OnnxLibrary, OnnxRuntime } from '../engine/onnx/runtime.js'
import { webLocks } from '@nestling/kit/locks/web-locks'
import type { KernelUrls, LoadRequest, OnnxBuild, RuntimeUrls } from '../wire/protocol.js'

/** A build of onnxruntime-web, and what makes engines of it. */
export interface LoadedRuntime extends Pick<typeof OnnxBundle, 'createOnnxEngine'> {
  readonly runtime: OnnxRuntime
}

/** Loads builds of onnxruntime-web, each once. */
export type RuntimeLoader = (name: OnnxBuild) => Promise<LoadedRuntime>

/** Makes a loader of runtimes. */
export function createRuntimeLoader(request: LoadRequest): RuntimeLoader {
  const loading = new Map<OnnxBuild, Promise<LoadedRuntime>>()
  return (name) => {
    const known = loading.get(name)
    if (known !== undefined) return known
    const runtime = load(request, name)
    loading.set(name, runtime)
    return runtime
  }
}

async function load(request: LoadRequest, name: OnnxBuild): Promise<LoadedRuntime> {
  const urls = urlsOf(request, name)
  const imports = [importEngine('onnx', urls.engine), importEngine('onnx', urls.library)] as const
  const [{ configureRuntime, createOnnxEngine }, ort] = (await Promise.all(imports)) as [typeof OnnxBundle, OnnxLibrary]
  return { runtime: configureRuntime(ort, name, urls), createOnnxEngine }
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
  const engine = request.engine === 'transformers' ? 'transformers' : 'onnx'
  throw engineMissing(engine, `its runtime ${name} has no URL`, { runtime: name })
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
