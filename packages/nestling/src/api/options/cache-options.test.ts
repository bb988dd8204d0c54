import { describe, expect, it } from 'vitest'
import { resolveCacheOptions, type CacheOptions } from './cache-options.js'

describe('resolveCacheOptions()', () => {
  it('keeps models and no embeddings, unless told otherwise', () => {
    expect(resolveCacheOptions()).toEqual({ weights: 'auto', onQuota: 'error', embeddings: undefined })
    expect(resolveCacheOptions(false)).toEqual({ weights: 'off', onQuota: 'error', embeddings: undefined })
    expect(resolveCacheOptions({ weights: 'only', onQuota: 'evict', embeddings: true })).toEqual({
      weights: 'only',
      onQuota: 'evict',
      embeddings: { maxBytes: 268_435_456 },
    })
    expect(resolveCacheOptions({ embeddings: false }).embeddings).toBeUndefined()
    expect(resolveCacheOptions({ embeddings: {} }).embeddings).toEqual({ maxBytes: 268_435_456 })
    expect(resolveCacheOptions({ embeddings: { maxBytes: 5 } }).embeddings).toEqual({ maxBytes: 5 })
  })

  it.each<[string, unknown, typeof TypeError | typeof RangeError, RegExp]>([
    ['true', true, TypeError, /options must be an object: current value is true/],
    ['null', null, TypeError, /must be an object/],
    ['an unknown key', { weight: 'off' }, TypeError, /weight is not an option: .*weights/],
    ['other weights', { weights: 'never' }, TypeError, /cache\.weights must be one of .*: current value is "never"/],
    ['another onQuota', { onQuota: 'wait' }, TypeError, /cache\.onQuota must be one of/],
    ['embeddings that are a number', { embeddings: 5 }, TypeError, /cache\.embeddings must be .* current value is 5/],
    ['embeddings that are null', { embeddings: null }, TypeError, /cache\.embeddings must be/],
    ['an unknown key of embeddings', { embeddings: { max: 1 } }, TypeError, /max is not an option/],
    ['no room', { embeddings: { maxBytes: 0 } }, RangeError, /cache\.embeddings\.maxBytes must be a positive integer/],
  ])('refuses %s', (_, options, type, message) => {
    const resolve = (): unknown => resolveCacheOptions(options as CacheOptions)
    expect(resolve).toThrow(type)
    expect(resolve).toThrow(message)
  })
})
