export { createOnnxEngine } from './onnx-engine.js'
export { loadRuntime } from './runtime.js'
