import { afterEach, describe, expect, it, vi } from 'vitest'
import { holdLock, isTaken } from './life-lock.js'
import { takeLock, takeLockWithin } from './web-locks.js'

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

  it('are done without after the limit of those who can, or at once with the reason of an abort', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('navigator', { locks: { request: () => new Promise(() => undefined) } })
    const taken = takeLockWithin('any', 1000)
    const controller = new AbortController()
    const reason = new Error('enough')
    const aborted = takeLockWithin('any', 1000, { signal: controller.signal }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(5999)
    controller.abort(reason)
    expect(await aborted).toBe(reason)
    expect(vi.getTimerCount()).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await taken).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
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
