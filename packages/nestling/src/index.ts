export { load, plan } from './api/main-entry.js'
export * from './api/page-exports.js'
