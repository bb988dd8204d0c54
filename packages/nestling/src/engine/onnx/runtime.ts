import type * as Ort from 'onnxruntime-web'
import type { OnnxBuild, RuntimeUrls } from '../../wire/protocol.js'
import { RUNTIME_INIT_MS } from '../import/import-module.js'
import { threadCount } from '../thread-count.js'

/** The library of onnxruntime-web. */
export type OnnxLibrary = typeof Ort

/** The library, ready to make sessions. */
export interface OnnxRuntime {
  readonly ort: OnnxLibrary
  readonly name: OnnxBuild
  readonly threads: number
}

/**
 * Tells one build of onnxruntime-web where its files are, and how to run. It stays out of our bundles: a page downloads one build and no
 * other, and a worker with chunks cannot be bundled as `iife`, Vite's default.
 *
 * @param ort - The library.
 * @param urls - Its files.
 * @returns The library, ready to make sessions.
 */
export function configureRuntime(ort: OnnxLibrary, name: OnnxBuild, urls: RuntimeUrls): OnnxRuntime {
  const threads = threadCount(name)
  ort.env.wasm.numThreads = threads
  ort.env.wasm.wasmPaths = { mjs: urls.loader, wasm: urls.wasm }
  // For the WebAssembly module, which the library loads with the first session.
  ort.env.wasm.initTimeout = RUNTIME_INIT_MS
  // Warnings about node placement are meant for people who made the graph by hand.
  ort.env.logLevel = 'error'
  return { ort, name, threads }
}
