import { describe, expect, it } from 'vitest'
import { within } from './within.js'

describe('within()', () => {
  it('settles as the work does', async () => {
    expect(await within(Promise.resolve(5), 1000)).toBe(5)
    await expect(within(Promise.reject(new Error('broken')), 1000)).rejects.toThrow('broken')
  })

  it('ends without the work', async () => {
    const started = performance.now()
    expect(await within(new Promise(() => undefined), 20)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
