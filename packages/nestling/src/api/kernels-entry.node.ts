// Both entries run our kernels alone.
export { load, plan } from './main-entry.js'
