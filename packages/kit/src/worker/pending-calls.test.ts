import { describe, expect, it } from 'vitest'
import { PendingCalls } from './pending-calls.js'

const never = new Promise<string>(() => undefined)

describe('PendingCalls', () => {
  it('settles like the promise it follows', async () => {
    const calls = new PendingCalls()
    expect(await calls.track(Promise.resolve('a'))).toBe('a')
    await expect(calls.track(Promise.reject(new Error('b')))).rejects.toThrow('b')
  })

  it('rejectAll() rejects what is pending and what comes later, with the first reason', async () => {
    const calls = new PendingCalls()
    const pending = calls.track(never)
    calls.rejectAll(new Error('gone'))
    calls.rejectAll(new Error('again'))
    await expect(pending).rejects.toThrow('gone')
    await expect(calls.track(never)).rejects.toThrow('gone')
    await expect(calls.track(Promise.resolve('late'))).rejects.toThrow('gone')
  })

  it('does not change what has settled', async () => {
    const calls = new PendingCalls()
    const settled = calls.track(Promise.resolve('a'))
    await settled
    calls.rejectAll(new Error('gone'))
    expect(await settled).toBe('a')
  })
})
