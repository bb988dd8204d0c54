export { load, plan } from './api/onnx-entry.js'
export * from './api/page-exports.js'
