export { load, plan } from './client/main-entry.js'
export * from './client/page-exports.js'
