import type * as Ort from 'onnxruntime-web'
import { EmbedderError } from '../../wire/embedder-error.js'
import type { OnnxBuild, RuntimeUrls } from '../../wire/protocol.js'
import { engineMissing } from '../import/import-engine.js'
import { importModule, RUNTIME_INIT_MS } from '../import/import-module.js'
import { threadCount } from '../thread-count.js'

/** The library of onnxruntime-web, ready to make sessions. */
export interface OnnxRuntime {
  readonly ort: typeof Ort
  readonly name: OnnxBuild
  readonly threads: number
}

/**
 * Loads one build of onnxruntime-web from its URLs. It stays out of our bundles: a page downloads one build and no other, and
 * a worker with chunks cannot be bundled as `iife`, Vite's default.
 *
 * @param urls - Its files.
 * @returns The library.
 * @throws {EmbedderError} `environment-unsupported` if a file cannot be loaded, `model-fetch-failed` if it does not come.
 */
export async function loadRuntime(name: OnnxBuild, urls: RuntimeUrls): Promise<OnnxRuntime> {
  let ort: typeof Ort
  try {
    ort = (await importModule(urls.library)) as typeof Ort
  } catch (cause) {
    if (cause instanceof EmbedderError) throw cause
    throw engineMissing('onnx', `${urls.library} is not there or may not run here`, {
      cause,
      runtime: name,
      url: urls.library,
    })
  }
  const threads = threadCount(name)
  ort.env.wasm.numThreads = threads
  ort.env.wasm.wasmPaths = { mjs: urls.loader, wasm: urls.wasm }
  // For the WebAssembly module, which the library loads with the first session.
  ort.env.wasm.initTimeout = RUNTIME_INIT_MS
  // Warnings about node placement are meant for people who made the graph by hand.
  ort.env.logLevel = 'error'
  return { ort, name, threads }
}
