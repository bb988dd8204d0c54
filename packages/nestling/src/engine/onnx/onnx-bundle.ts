export { createOnnxEngine } from './onnx-engine.js'
export { configureRuntime } from './runtime.js'
