import { exposeApi } from '../wire/endpoint.js'
import { failure } from '../wire/failure.js'
import { IDENTITY } from '../wire/identity.js'
import type { SearchHostApi } from '../wire/protocol.js'
import { compileKernels, whyNoKernels } from './kernel-bytes.js'
import { SearchHost } from './search-host.js'

/** Starts with the first call, whose answer can tell what is missing here. */
class Entry {
  #host: SearchHost | undefined

  hello(): string {
    return IDENTITY
  }

  call(name: keyof SearchHostApi, ...args: unknown[]): unknown {
    this.#host ??= createHost()
    const host = this.#host as unknown as Record<string, (...args: unknown[]) => unknown>
    return host[name]?.(...args)
  }
}

function createHost(): SearchHost {
  try {
    return new SearchHost(compileKernels())
  } catch (cause) {
    throw failure('environment-unsupported', `Cannot search as ${whyNoKernels()}`, { cause })
  }
}

// No top-level await: a consumer's bundler may turn this file into a classic script (Vite's default for workers).
exposeApi(new Entry())
