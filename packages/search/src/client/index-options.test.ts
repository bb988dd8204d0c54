import { describe, expect, it } from 'vitest'
import { resolveIndexOptions } from './index-options.js'
import type { SearchEmbedder } from './search-embedder.js'

function resolve(options: object): unknown {
  return resolveIndexOptions(options)
}

describe('resolveIndexOptions()', () => {
  const embedder = { dim: 384, nestedDims: undefined, similarityFunction: 'cosine', prompts: {} } as SearchEmbedder

  it('refuses a dim that the embedder does not give, before anything is encoded', () => {
    expect(() => resolve({ embedder, dim: 512 })).toThrow(RangeError)
    expect(() => resolve({ embedder, dim: 512 })).toThrow(/at most that of the embedder, 384: current value is 512\n/)
    expect(() => resolve({ embedder, dim: 384 })).not.toThrow()
    expect(() => resolve({ embedder: { ...embedder, dim: undefined }, dim: 512 })).not.toThrow()
    expect(() => resolve({ dim: 512 })).not.toThrow()
  })

  it('names every option that there is', () => {
    const all =
      'embedder, dim, precision, similarity, scoring, store, nestedDims, fields, maxTokens, overlapTokens, context, worker'
    expect(() => resolve({ dims: 3 })).toThrow(`dims is not an option: the options are ${all}`)
  })
})
