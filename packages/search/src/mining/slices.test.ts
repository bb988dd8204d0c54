import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { semanticSearch } from './semantic-search.js'

const ROW = { data: Float32Array.of(1, 0), count: 1, dim: 2 }

describe('slices of long work', () => {
  let now = 1000
  let resting = 0
  let longest = 0
  const pause = async (): Promise<void> => {
    longest = Math.max(longest, now - resting)
    resting = now
  }
  beforeEach(() => {
    // Half a millisecond passes between two looks at the clock.
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 0.5))
    // Other work came before.
    now += 100
    resting = now
    longest = 0
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('are shared by short calls that follow each other in one task', async () => {
    for (let call = 0; call < 50; call++) await semanticSearch(ROW, ROW, { pause })
    expect(longest).toBeGreaterThan(0)
    expect(longest).toBeLessThan(5)
  })
})
