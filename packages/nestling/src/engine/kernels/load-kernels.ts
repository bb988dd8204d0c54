import { EmbedderError } from '../../wire/embedder-error.js'
import type { KernelBuild } from '../../wire/protocol.js'

/** Milliseconds that the module has to come: 15 kB, in which a server that is silent shows soon. */
const FETCH_MS = 60_000

/** One build of the kernels, compiled. */
export interface KernelModule {
  readonly module: WebAssembly.Module
  readonly build: KernelBuild
}

/**
 * Loads one build of the kernels.
 *
 * @param build - Which build.
 * @param url - Where it is.
 * @returns The module.
 * @throws {EmbedderError} `environment-unsupported` if it cannot be had or compiled.
 */
export async function loadKernels(build: KernelBuild, url: string): Promise<KernelModule> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) })
    if (!response.ok) throw new Error(`the server answers ${response.status}`)
    // Not compileStreaming: it wants a media type that not every server sends.
    return { module: await WebAssembly.compile(await response.arrayBuffer()), build }
  } catch (cause) {
    throw new EmbedderError(
      'environment-unsupported',
      `Cannot load the kernels as ${url} is not there or may not run here\nServe the files of dist/runtime, or say where they are with assetBaseUrl`,
      { cause, details: { runtime: build, url } },
    )
  }
}
