import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { beginWork, isSliceOver } from './page-slices.js'

type RunSteps = typeof import('./run-steps.js').runSteps

/** What a bundle has of its own: another instance of every module. */
async function loadBundle(): Promise<RunSteps> {
  vi.resetModules()
  return (await import('./run-steps.js')).runSteps
}

describe('the clock of slices', () => {
  let now = 1000
  beforeEach(() => {
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    // Other work came before.
    now += 1000
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** Does work of some milliseconds, half of one a step. */
  function* work(ms: number, onStep: () => void): Generator<undefined, void, undefined> {
    for (let spentMs = 0; spentMs < ms; spentMs += 0.5) {
      now += 0.5
      onStep()
      yield
    }
  }

  it('is one for all bundles of a page: what two of them do in one task is one slice', async () => {
    const bundles = [await loadBundle(), await loadBundle()]
    expect(bundles[0]).not.toBe(bundles[1])
    let inTaskMs = 0
    let longestMs = 0
    const { port1, port2 } = new MessageChannel()
    let isTold = false
    port1.onmessage = () => {
      isTold = false
      inTaskMs = 0
    }
    const onStep = (): void => {
      if (!isTold) port2.postMessage(undefined)
      isTold = true
      inTaskMs += 0.5
      longestMs = Math.max(longestMs, inTaskMs)
    }
    for (let turn = 0; turn < 20; turn++) await bundles[turn % 2]?.(work(2, onStep))
    port1.close()
    expect(longestMs).toBeGreaterThan(2)
    expect(longestMs).toBeLessThan(4)
  })

  it('goes on where work follows at once, and begins anew where other tasks were in between', () => {
    beginWork()
    now += 2
    expect(isSliceOver()).toBe(false)
    beginWork()
    now += 1
    expect(isSliceOver()).toBe(true)
    now += 5
    beginWork()
    expect(isSliceOver()).toBe(false)
  })
})
