import { absolute, type OnnxEngine, type RuntimeUrlTable } from './asset-urls.js'

/**
 * Tells where an application's bundler put onnxruntime-web. A bundler publishes what these literals name, 46 MB, whether it runs or not:
 * only the entry `nestling/onnx` may import this file. Literals, as bundlers understand no other form.
 *
 * @param engine - Which engine needs it.
 * @returns URLs by runtime.
 */
export function bundledRuntimes(engine: OnnxEngine): RuntimeUrlTable {
  return engine === 'onnx' ? bundledOnnx() : bundledTransformers()
}

function bundledOnnx(): RuntimeUrlTable {
  return {
    wasm: {
      engine: absolute(new URL('./onnx-engine.js', import.meta.url)),
      library: absolute(new URL('./runtime/onnxruntime-web@1.30.0/ort.wasm.min.mjs', import.meta.url)),
      loader: absolute(new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.mjs', import.meta.url)),
      wasm: absolute(new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.wasm', import.meta.url)),
    },
    jspi: {
      engine: absolute(new URL('./onnx-engine.js', import.meta.url)),
      library: absolute(new URL('./runtime/onnxruntime-web@1.30.0/ort.jspi.min.mjs', import.meta.url)),
      loader: absolute(new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.jspi.mjs', import.meta.url)),
      wasm: absolute(new URL('./runtime/onnxruntime-web@1.30.0/ort-wasm-simd-threaded.jspi.wasm', import.meta.url)),
    },
  }
}

function bundledTransformers(): RuntimeUrlTable {
  return {
    wasm: {
      engine: absolute(new URL('./transformers.js', import.meta.url)),
      library: absolute(new URL('./transformers.js', import.meta.url)),
      loader: absolute(
        new URL('./runtime/onnxruntime-web@1.31.0-dev.20260914-8d85527a0/ort-wasm-simd-threaded.mjs', import.meta.url),
      ),
      wasm: absolute(
        new URL('./runtime/onnxruntime-web@1.31.0-dev.20260914-8d85527a0/ort-wasm-simd-threaded.wasm', import.meta.url),
      ),
    },
  }
}
