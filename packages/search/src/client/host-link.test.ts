import { codeOf } from '@nestling/testing/outcome'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HostLink } from './host-link.js'
import { resolveIndexOptions } from './index-options.js'

/** A worker that loads for ever: it takes messages and never answers. */
class SilentWorker extends EventTarget {
  isEnded = false
  postMessage(): void {
    // Nobody reads it.
  }
  terminate(): void {
    this.isEnded = true
  }
}

describe('a worker that never answers', () => {
  let worker: SilentWorker
  let link: HostLink
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('Worker', SilentWorker)
    worker = new SilentWorker()
    link = new HostLink(resolveIndexOptions({ store: 'any', worker: () => worker as unknown as Worker }))
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('is ended after half a minute, and every call says so', async () => {
    const calls = [codeOf(link.ready()), codeOf(link.call('remove', 1, [1]))]
    await vi.advanceTimersByTimeAsync(19_000)
    expect(worker.isEnded).toBe(false)
    await vi.advanceTimersByTimeAsync(1000)
    // What explains it is a part of its own, and is waited for in real time.
    await vi.dynamicImportSettled()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(worker.isEnded).toBe(true)
    expect(await Promise.all(calls)).toEqual(['worker-unresponsive', 'worker-unresponsive'])
  })

  it('is ended at once with its index', async () => {
    const calls = [codeOf(link.ready()), codeOf(link.call('state'))]
    await link.dispose()
    expect(worker.isEnded).toBe(true)
    expect(await Promise.all(calls)).toEqual(['disposed', 'disposed'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
