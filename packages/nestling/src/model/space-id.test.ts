import { describe, expect, it } from 'vitest'
import type { ModelSettings, PoolingChain } from './encoder-spec.js'
import { spaceIdOf } from './space-id.js'

const CHAIN: PoolingChain = { pooling: { modes: ['mean'], includePrompt: true }, tail: [], dim: 32 }
const SETTINGS = { doLowerCase: false } as ModelSettings

/** The id of a network with some numbers of its own. */
function idOf(numbers: Readonly<Record<string, number | readonly number[]>>): Promise<string> {
  const digests = { weights: ['a'], tokenizer: 'b' }
  return spaceIdOf({ ...CHAIN, ...numbers }, SETTINGS, digests, { json: {}, config: {}, patch: undefined })
}

describe('the id of a space', () => {
  it('is the same in engines whose powers and logarithms differ in the last bit', async () => {
    // `32 ** -0.5` of V8 in Node 20 and in Node 24.
    const [older, newer] = [0.17677669529663687, 0.1767766952966369]
    expect(await idOf({ scale: older })).toBe(await idOf({ scale: newer }))
    expect(await idOf({ frequencies: [1, older] })).toBe(await idOf({ frequencies: [1, newer] }))
  })

  it('is another for another number', async () => {
    expect(await idOf({ scale: 0.176776 })).not.toBe(await idOf({ scale: 0.176777 }))
    expect(await idOf({ layers: 6 })).not.toBe(await idOf({ layers: 7 }))
    // A rounded id of a token would be that of its neighbour.
    expect(await idOf({ paddingId: 250_001 })).not.toBe(await idOf({ paddingId: 250_002 }))
  })
})
