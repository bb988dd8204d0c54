import { importPart } from './import-part.js'
import type { ModelCache } from './model-cache.js'

/** Models that this origin keeps, see {@link ModelCache}. */
export const modelCache: ModelCache = {
  list: async () => (await calls()).list(),
  size: async (key) => (await calls()).size(key),
  verify: async (key, options) => (await calls()).verify(key, options),
  delete: async (key, options) => (await calls()).delete(key, options),
  clear: async (options) => (await calls()).clear(options),
  export: async (key, options) => (await calls()).export(key, options),
  import: async (file, options) => (await calls()).import(file, options),
}

/** The store's code comes when it is first asked for: most pages never do. */
async function calls(): Promise<ModelCache> {
  return (await importPart(() => import('./model-cache-calls.js'))).modelCacheCalls
}
