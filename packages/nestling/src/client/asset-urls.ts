import type { RuntimeName, RuntimeUrls } from '../wire/protocol.js'

/** Folder of the runtime's files; a new version never meets an old one in a cache. */
const RUNTIME_FOLDER = 'runtime/onnxruntime-web@1.30.0/'

/** Files of each runtime, and bytes a page downloads for it. */
export const RUNTIME_FILES: Readonly<Record<RuntimeName, RuntimeUrls & { readonly sizeBytes: number }>> = {
  wasm: {
    library: 'ort.wasm.min.mjs',
    loader: 'ort-wasm-simd-threaded.mjs',
    wasm: 'ort-wasm-simd-threaded.wasm',
    sizeBytes: 14_314_404,
  },
  jspi: {
    library: 'ort.jspi.min.mjs',
    loader: 'ort-wasm-simd-threaded.jspi.mjs',
    wasm: 'ort-wasm-simd-threaded.jspi.wasm',
    sizeBytes: 16_875_974,
  },
  asyncify: {
    library: 'ort.webgpu.min.mjs',
    loader: 'ort-wasm-simd-threaded.asyncify.mjs',
    wasm: 'ort-wasm-simd-threaded.asyncify.wasm',
    sizeBytes: 26_901_320,
  },
}

/** Where the runtimes are. */
export type RuntimeUrlTable = Readonly<Partial<Record<RuntimeName, RuntimeUrls>>>

/**
 * Finds the runtimes' files: below `assetBaseUrl`, or beside this module, where a bundler finds the literals and copies the files.
 *
 * The asyncify build (25.5 MiB, over the file limit of some hosts) is only taken from `assetBaseUrl`, so that no bundler ships it
 * unasked.
 *
 * @param assetBaseUrl - Absolute URL of a folder with a slash at its end.
 * @returns URLs by runtime.
 */
export function runtimeUrls(assetBaseUrl: string | undefined): RuntimeUrlTable {
  if (assetBaseUrl === undefined) return bundledRuntimes()
  const below = (name: RuntimeName): RuntimeUrls => {
    const { library, loader, wasm } = RUNTIME_FILES[name]
    const url = (file: string): string => new URL(RUNTIME_FOLDER + file, assetBaseUrl).href
    return { library: url(library), loader: url(loader), wasm: url(wasm) }
  }
  return { wasm: below('wasm'), jspi: below('jspi'), asyncify: below('asyncify') }
}

/** Literals: bundlers understand no other form. */
function bundledRuntimes(): RuntimeUrlTable {
  return {
    wasm: {
      library: new URL('./runtime/onnxruntime-web@1.30.0/ort.wasm.min.mjs', import.meta.url).href,
      loader: new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.mjs', import.meta.url).href,
      wasm: new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.wasm', import.meta.url).href,
    },
    jspi: {
      library: new URL('./runtime/onnxruntime-web@1.30.0/ort.jspi.min.mjs', import.meta.url).href,
      loader: new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.jspi.mjs', import.meta.url).href,
      wasm: new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.jspi.wasm', import.meta.url).href,
    },
  }
}
