import { describe, expect, it } from 'vitest'
import type { ProgressEvent } from '../wire/progress.js'
import { LoadProgress } from './load-progress.js'

describe('LoadProgress', () => {
  it('stays where it is while nobody knows how long the download is', () => {
    const events: ProgressEvent[] = []
    const progress = new LoadProgress((event) => events.push(event))
    progress.download({ loadedBytes: 461, totalBytes: undefined })
    progress.download({ loadedBytes: 50_000, totalBytes: undefined })
    progress.download({ loadedBytes: 50_000, totalBytes: 100_000 })
    expect(events).toEqual([
      { phase: 'download', fraction: 0, loadedBytes: 461 },
      { phase: 'download', fraction: 0, loadedBytes: 50_000 },
      { phase: 'download', fraction: 0.4, loadedBytes: 50_000, totalBytes: 100_000 },
    ])
  })

  it('never falls, and keeps the total that it told', () => {
    const events: ProgressEvent[] = []
    const progress = new LoadProgress((event) => events.push(event))
    progress.download({ loadedBytes: 50, totalBytes: 100 })
    progress.download({ loadedBytes: 60, totalBytes: 1000 })
    progress.download({ loadedBytes: 200, totalBytes: undefined })
    progress.download({ loadedBytes: 0, totalBytes: 0 })
    progress.begin('compile')
    progress.download({ loadedBytes: 1000, totalBytes: 1000 })
    progress.begin('warm-up')
    progress.begin('compile')
    const fractions = events.map(({ fraction }) => fraction)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
    expect(fractions[0]).toBeCloseTo(0.4)
    expect(events.at(-1)).toEqual({ phase: 'compile', fraction: 0.95 })
    expect(events.map(({ totalBytes }) => totalBytes).slice(0, 3)).toEqual([100, 100, 100])
    expect(events[2]).toEqual({ phase: 'download', fraction: 0.8, loadedBytes: 100, totalBytes: 100 })
  })
})
