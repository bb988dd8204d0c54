import { afterEach, describe, expect, it, vi } from 'vitest'
import { takeTurn, tryTurn } from './models/model-turn.js'
import { estimateStorage } from './models/storage-room.js'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const never = (): Promise<never> => new Promise(() => undefined)

describe('a browser that does not answer', () => {
  it('tells nothing of its storage, after some seconds', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('navigator', { storage: { estimate: never } })
    const estimate = estimateStorage()
    await vi.advanceTimersByTimeAsync(5000)
    expect(await estimate).toEqual({ usageBytes: undefined, quotaBytes: undefined })
  })

  it('has locks that are waited for in sight, and given up as those of a tab that hangs', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('navigator', { locks: { request: never } })
    const onWait = vi.fn()
    const turns = Promise.all([tryTurn('any'), takeTurn('any', { onWait })])
    await vi.advanceTimersByTimeAsync(25_000)
    expect(await turns).toEqual([undefined, undefined])
    expect(onWait).toHaveBeenCalledOnce()
  })

  it('ends the wait for a lock with the signal', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('navigator', { locks: { request: never } })
    const controller = new AbortController()
    const reason = new Error('enough')
    const turn = takeTurn('any', { signal: controller.signal }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(6000)
    controller.abort(reason)
    expect(await turn).toBe(reason)
  })

  it('refuses to let a channel speak, and the turn is given and taken back', async () => {
    const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => {
      throw new DOMException('closed', 'InvalidStateError')
    })
    const turn = await takeTurn('any')
    turn?.tell({ loadedBytes: 1, totalBytes: 2 })
    turn?.end()
    expect(turn).toBeDefined()
    post.mockRestore()
  })
})
