import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Watchdog } from './watchdog.js'

describe('Watchdog', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('notices silence once, and not before its time', () => {
    const onSilence = vi.fn()
    const watchdog = new Watchdog(onSilence)
    watchdog.watch(1000)
    vi.advanceTimersByTime(900)
    watchdog.watch(1000)
    vi.advanceTimersByTime(999)
    expect(onSilence).not.toHaveBeenCalled()
    vi.advanceTimersByTime(5000)
    expect(onSilence).toHaveBeenCalledOnce()
  })

  it('stays quiet when it is stopped', () => {
    const onSilence = vi.fn()
    const watchdog = new Watchdog(onSilence)
    watchdog.watch(10)
    watchdog.stop()
    vi.advanceTimersByTime(100)
    expect(onSilence).not.toHaveBeenCalled()
  })

  it('bears the time that the page itself slept', () => {
    const onSilence = vi.fn()
    const watchdog = new Watchdog(onSilence)
    const clock = vi.spyOn(performance, 'now')
    clock.mockReturnValue(0)
    watchdog.watch(1000)
    clock.mockReturnValue(60_000)
    vi.advanceTimersByTime(1000)
    expect(onSilence).not.toHaveBeenCalled()
    clock.mockReturnValue(61_000)
    vi.advanceTimersByTime(1000)
    expect(onSilence).toHaveBeenCalledOnce()
  })
})
