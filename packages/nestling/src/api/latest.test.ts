import { describe, expect, it } from 'vitest'
import { latest } from './latest.js'

describe('latest()', () => {
  it('ends the call before, which gives undefined', async () => {
    const signals: AbortSignal[] = []
    const search = latest(async (signal, text: string) => {
      signals.push(signal)
      await new Promise((resolve) => setTimeout(resolve, 5))
      signal.throwIfAborted()
      return text
    })
    const results = await Promise.all([search('a'), search('ab'), search('abc')])
    expect(results).toEqual([undefined, undefined, 'abc'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false])
    expect(await search('d')).toBe('d')
  })

  it('gives undefined for an old call that does not listen, and passes the failure of the newest on', async () => {
    const call = latest(async (_: AbortSignal, value: number) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (value < 0) throw new RangeError('below')
      return value
    })
    const [old, newest] = [call(1), call(-1)]
    await expect(newest).rejects.toThrow('below')
    expect(await old).toBeUndefined()
  })
})
