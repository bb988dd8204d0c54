export { load, plan } from './api/kernels-entry.js'
export * from './api/page-exports.js'
