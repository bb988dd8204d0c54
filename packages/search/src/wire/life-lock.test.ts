import { afterEach, describe, expect, it, vi } from 'vitest'
import { holdLock, isTaken, takeLock } from './life-lock.js'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('locks of a browser that does not answer', () => {
  it('are not held, and waited for as long as the caller wants', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('navigator', { locks: { request: () => new Promise(() => undefined) } })
    const giveUp = new AbortController()
    const reason = new Error('enough')
    const onWait = vi.fn(() => {
      giveUp.abort(reason)
    })
    const taken = takeLock('any', { onWait, signal: giveUp.signal }).catch((error: unknown) => error)
    const answers = Promise.all([holdLock('any'), taken])
    await vi.advanceTimersByTimeAsync(5000)
    expect(await answers).toEqual([false, reason])
    expect(onWait).toHaveBeenCalledOnce()
  })

  it('are let go where the answer comes too late', async () => {
    vi.useFakeTimers()
    let grant: (callback: (lock: object) => Promise<void>) => void = () => undefined
    const asked = new Promise<(lock: object) => Promise<void>>((resolve) => {
      grant = resolve
    })
    const request = (_: string, __: object, callback: (lock: object) => Promise<void>): Promise<void> => {
      grant(callback)
      return new Promise(() => undefined)
    }
    vi.stubGlobal('navigator', { locks: { request } })
    const held = isTaken('any')
    await vi.advanceTimersByTimeAsync(5000)
    expect(await held).toBe(true)
    const callback = await asked
    // Settles only where the lock is released.
    await callback({})
  })
})
