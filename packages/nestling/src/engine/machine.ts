import type { Machine } from './machine-facts.js'

/** Looks at what is here. On a server, where pages are rendered, there is no `navigator`. */
export function machine(): Machine {
  const { navigator: here = {} } = globalThis as { readonly navigator?: Partial<Navigator> & { deviceMemory?: number } }
  return {
    cores: here.hardwareConcurrency ?? 1,
    memoryGib: here.deviceMemory,
    canShare: globalThis.crossOriginIsolated,
    userAgent: here.userAgent ?? '',
  }
}
