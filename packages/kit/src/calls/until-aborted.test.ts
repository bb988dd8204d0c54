import { describe, expect, it, vi } from 'vitest'
import { untilAborted } from './until-aborted.js'

const never = new Promise<string>(() => undefined)

describe('untilAborted()', () => {
  it('rejects with the very reason of the signal, and tells who does the work', async () => {
    const controller = new AbortController()
    const onAbort = vi.fn()
    const promise = untilAborted(never, controller.signal, onAbort)
    const reason = { any: 'value' }
    controller.abort(reason)
    await expect(promise).rejects.toBe(reason)
    expect(onAbort).toHaveBeenCalledOnce()
  })

  it('rejects at once where the signal has aborted before', async () => {
    const signal = AbortSignal.abort(new Error('before'))
    await expect(untilAborted(never, signal, () => undefined)).rejects.toThrow('before')
    await expect(untilAborted(Promise.reject(new Error('own')), signal, () => undefined)).rejects.toThrow('before')
  })

  it('settles like the work, and leaves no listener behind', async () => {
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    expect(await untilAborted(Promise.resolve('a'), signal, () => undefined)).toBe('a')
    await vi.waitFor(() => {
      expect(remove).toHaveBeenCalledOnce()
    })
    await expect(untilAborted(Promise.reject(new Error('own')), signal, () => undefined)).rejects.toThrow('own')
    expect(await untilAborted(Promise.resolve('a'), undefined, () => undefined)).toBe('a')
  })
})
