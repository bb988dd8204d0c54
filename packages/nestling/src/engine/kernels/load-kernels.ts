import { fetchUrl } from '../../model/download/fetch-url.js'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { KernelBuild } from '../../wire/protocol.js'
import type { KernelExports } from './kernel-exports.js'
import { createMemory } from './kernel-memory.js'

/** Milliseconds that the module has to come: 15 kB, in which a server that is silent shows soon. */
const FETCH_MS = 60_000

/** Answers of `probeProducts`. */
const WRONG = 0
const IN_STEPS = 2

/** Where one build of the kernels is. */
export interface KernelUrl {
  readonly build: KernelBuild
  readonly url: string
}

/** One build of the kernels, compiled. */
export interface KernelModule {
  /** Whether it is made for a memory that workers share. */
  readonly isShared: boolean
  readonly module: WebAssembly.Module
  readonly build: KernelBuild
  /** Whether this machine multiplies int8 in steps. */
  readonly inSteps: boolean
}

/**
 * Loads the first build of the kernels that computes right here: V8's baseline compiler had relaxed SIMD's dot product wrong for some time.
 *
 * @param urls - The builds, the best first.
 * @param isShared - Whether they are made for a memory that workers share.
 * @returns The module.
 * @throws {EmbedderError} `environment-unsupported` if none can be had or compiled.
 * @throws {RangeError} If the browser gives no shared memory.
 */
export async function loadKernels(urls: readonly KernelUrl[], isShared = false): Promise<KernelModule> {
  for (const { build, url } of urls) {
    const module = await fetchModule(build, url)
    const products = await probeProducts(module, isShared)
    if (products !== WRONG) return { isShared, module, build, inSteps: products === IN_STEPS }
  }
  throw new EmbedderError(
    'environment-unsupported',
    'Cannot load the kernels as none computes right here or WebAssembly has no SIMD\nImport load from nestling/onnx, which brings onnxruntime-web for such browsers',
  )
}

async function fetchModule(build: KernelBuild, url: string): Promise<WebAssembly.Module> {
  try {
    const response = await fetchUrl(url, { signal: AbortSignal.timeout(FETCH_MS) })
    if (!response.ok) throw new Error(`the server answers ${response.status}`)
    // Not compileStreaming: it wants a media type that not every server sends.
    return await WebAssembly.compile(await response.arrayBuffer())
  } catch (cause) {
    throw new EmbedderError(
      'environment-unsupported',
      `Cannot load the kernels as ${url} is not there or may not run here\nServe the files of dist/runtime, or say where they are with assetBaseUrl`,
      { cause, details: { runtime: build, url } },
    )
  }
}

async function probeProducts(module: WebAssembly.Module, isShared: boolean): Promise<number> {
  const memory = createMemory(isShared)
  const instance = await WebAssembly.instantiate(module, { env: { memory } })
  return (instance.exports as unknown as KernelExports).probeProducts(0)
}
