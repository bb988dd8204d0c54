import { lazyCalls } from './lazy-calls.js'
import type { ModelCache } from './model-cache.js'

/** Models that this origin keeps, see {@link ModelCache}. */
export const modelCache: ModelCache = lazyCalls<ModelCache>(
  ['list', 'size', 'verify', 'delete', 'clear', 'export', 'import'],
  async () => (await import('./model-cache-calls.js')).modelCacheCalls,
)
