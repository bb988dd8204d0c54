import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../wire/embedder-error.js'
import type { EncodeRequest } from '../wire/protocol.js'
import { Host } from './host.js'

const REQUEST: EncodeRequest = {
  id: 1,
  texts: ['a'],
  prompt: '',
  truncateDim: undefined,
  normalize: false,
  batchSize: 1,
  priority: 'background',
  onTruncate: 'truncate',
  cacheDim: undefined,
  isIsolated: false,
}

describe('Host without a model', () => {
  it('rejects with a typed error, and goes on answering', async () => {
    const host = new Host()
    for (const call of [
      host.encode([REQUEST]),
      host.tokenize(['a'], ''),
      host.countTokens(['a']),
      host.encode([REQUEST]),
    ]) {
      const error = await call.catch((caught: unknown) => caught)
      expect(isEmbedderError(error, 'disposed')).toBe(true)
    }
  })

  it('dispose() does nothing', async () => {
    await expect(new Host().dispose()).resolves.toBeUndefined()
  })
})
