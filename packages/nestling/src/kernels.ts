export { load, plan } from './client/kernels-entry.js'
export * from './client/page-exports.js'
