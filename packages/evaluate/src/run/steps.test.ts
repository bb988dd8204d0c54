import { describe, expect, it } from 'vitest'
import { runSteps } from './steps.js'

describe('runSteps()', () => {
  it('lets other tasks run in between', async () => {
    let isBreathing = false
    setTimeout(() => {
      isBreathing = true
    })
    const hasBreathed = (): boolean => isBreathing
    const steps = (function* () {
      // Without a pause in between the timer would never come.
      const end = performance.now() + 1000
      while (!hasBreathed() && performance.now() < end) yield
      return hasBreathed()
    })()
    expect(await runSteps(steps, undefined)).toBe(true)
  })

  it('hears an abort that comes while it runs', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => {
      controller.abort(reason)
    })
    const steps = (function* () {
      while (performance.now() < Infinity) yield
    })()
    await expect(runSteps(steps, controller.signal)).rejects.toBe(reason)
  })
})
