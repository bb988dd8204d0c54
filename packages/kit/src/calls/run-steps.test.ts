import { describe, expect, it } from 'vitest'
import { runSteps } from './run-steps.js'

/** Keeps the thread busy, in steps of half a millisecond, and notes in which task each one ran. */
function* work(ms: number, note: () => void): Generator<undefined, number, undefined> {
  for (let spent = 0; spent < ms; spent += 0.5) {
    const end = performance.now() + 0.5
    while (performance.now() < end);
    note()
    yield
  }
  return ms
}

/** Milliseconds of noted work in each task. */
function taskMeter(): { readonly note: () => void; readonly longest: () => number } {
  const tasks = [0]
  const { port1, port2 } = new MessageChannel()
  let isOpen = false
  port1.onmessage = () => {
    isOpen = false
  }
  return {
    note: () => {
      if (!isOpen) {
        tasks.push(0)
        isOpen = true
        port2.postMessage(undefined)
      }
      tasks[tasks.length - 1] = (tasks.at(-1) ?? 0) + 0.5
    },
    longest: () => {
      port1.close()
      return Math.max(...tasks)
    },
  }
}

describe('runSteps', () => {
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

  it('gives what the work returns', async () => {
    expect(await runSteps(work(1, () => undefined))).toBe(1)
  })

  it('lets other tasks in after a few milliseconds, also where one work follows another at once', async () => {
    const { note, longest } = taskMeter()
    for (let index = 0; index < 6; index++) await runSteps(work(3, note))
    await runSteps(work(20, note))
    expect(longest()).toBeLessThan(6.5)
  })
})
