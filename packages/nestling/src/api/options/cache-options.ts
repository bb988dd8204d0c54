import type { CacheRequest } from '../../wire/protocol.js'
import { checkKeys, checkOneOf, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'

/** What `load` keeps between visits, and how: in IndexedDB, on Node in files. */
export interface CacheOptions {
  /**
   * Where the model's files come from. `auto` reads them from the store where they are there, else downloads and stores them. `reload`
   * downloads them again and replaces what is stored. `only` never asks the network: a model that is not stored is
   * `model-not-found`. `off` neither reads nor stores. Files of this machine are never stored.
   *
   * @defaultValue 'auto'
   */
  readonly weights?: 'auto' | 'reload' | 'only' | 'off' | undefined
  /**
   * What is done where the browser has no room for the model. `error` rejects with `quota-exceeded`. `memory` goes on without storing,
   * with the warning `cache-unavailable`. `evict` deletes other models of this store first, those that were loaded longest ago, and
   * rejects if that is not enough. What was stored before stays whole in each case.
   *
   * @defaultValue 'error'
   */
  readonly onQuota?: 'error' | 'memory' | 'evict' | undefined
  /**
   * Whether vectors of documents are kept, so that no text is encoded twice.
   *
   * @defaultValue false
   */
  readonly embeddings?: boolean | EmbeddingCacheOptions | undefined
}

/** How vectors are kept. */
export interface EmbeddingCacheOptions {
  /**
   * Bytes of vectors of all models together; those that were used longest ago make room.
   *
   * @defaultValue 268_435_456 (256 MiB)
   */
  readonly maxBytes?: number | undefined
}

const WHAT = 'load a model'

/** 174,000 vectors of 384 components: more than a page shows, and little beside a browser's quota. */
const MAX_BYTES = 256 * 2 ** 20

const KNOWN_KEYS: KnownKeys<CacheOptions> = { weights: true, onQuota: true, embeddings: true }

const KNOWN_EMBEDDING_KEYS: KnownKeys<EmbeddingCacheOptions> = { maxBytes: true }

/**
 * Fills defaults in.
 *
 * @param options - What the caller gave; `false` for nothing at all.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If an option does not exist or has the wrong type.
 * @throws {RangeError} If `maxBytes` is not a positive integer.
 */
export function resolveCacheOptions(options: CacheOptions | false = {}): CacheRequest {
  if (options === false) return { weights: 'off', onQuota: 'error', embeddings: undefined }
  checkKeys(WHAT, options, KNOWN_KEYS)
  return {
    weights: checkOneOf(WHAT, 'cache.weights', options.weights, ['auto', 'reload', 'only', 'off']) ?? 'auto',
    onQuota: checkOneOf(WHAT, 'cache.onQuota', options.onQuota, ['error', 'memory', 'evict']) ?? 'error',
    embeddings: resolveEmbeddings(options.embeddings),
  }
}

function resolveEmbeddings(value: CacheOptions['embeddings'] = false): CacheRequest['embeddings'] {
  if (value === false) return undefined
  if (value === true) return { maxBytes: MAX_BYTES }
  if (typeof value !== 'object' || (value as unknown) === null) {
    throw new TypeError(
      `Cannot ${WHAT} as cache.embeddings must be true, false or an object: current value is ${show(value)}`,
    )
  }
  checkKeys(WHAT, value, KNOWN_EMBEDDING_KEYS)
  return { maxBytes: checkPositiveInteger(WHAT, 'cache.embeddings.maxBytes', value.maxBytes) ?? MAX_BYTES }
}
