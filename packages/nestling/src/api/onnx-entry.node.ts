// onnxruntime-web is for browsers: both entries run our kernels.
export { load, plan } from './main-entry.js'
