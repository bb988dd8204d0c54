import { progressFaults, watchProgress } from '@nestling/testing/progress-contract'
import { describe, expect, it } from 'vitest'
import type { ProgressEvent, ProgressListener } from '../wire/progress.js'
import type { Portion } from './job.js'
import { RowsCall } from './rows-call.js'

const DIM = 2

/** A call of one text and many more that are equal to it. */
function callOf(count: number, onProgress: ProgressListener): RowsCall {
  const texts = Array.from({ length: count }, () => 'a')
  return new RowsCall({ texts, dim: DIM, isShared: false, onProgress, send: () => Promise.resolve() })
}

/** Gives its first text a row and has it cut more until there is none. */
function encodeAll(call: RowsCall): void {
  const rows = { id: 1, indices: Int32Array.of(0), data: Float32Array.of(1, 2), tokenCounts: Int32Array.of(3) }
  let portion = call.cut(1)
  while (portion !== undefined) {
    if (portion !== 'later') {
      call.take(portion, rows)
      expect(call.missingOf(portion)).toBeUndefined()
    }
    portion = call.cut(1)
  }
  call.finish()
}

// So many that their rows are copied in several tasks.
const COUNT = 200_000

describe('RowsCall', () => {
  it('ends with all texts, equal ones included', async () => {
    const call = await watchProgress<ProgressEvent>((onProgress) => {
      const encoding = callOf(COUNT, onProgress)
      encodeAll(encoding)
      return encoding.result.then(({ tokenCounts }) => tokenCounts.every((count) => count === 3))
    })
    expect(call.value).toBe(true)
    expect(progressFaults(call)).toEqual([])
    expect(call.events.at(-1)).toEqual({ phase: 'encode', fraction: 1, done: COUNT, total: COUNT })
  })

  it('counts equal texts with the first of them, whether they were cut before its row came or later', () => {
    const done: number[] = []
    const onProgress: ProgressListener = (event) => void done.push((event as { done: number }).done)
    const texts = ['a', 'a', ...Array.from({ length: 1023 }, (_, index) => `${index}`), 'a', 'a']
    const call = new RowsCall({ texts, dim: DIM, isShared: false, onProgress, send: () => Promise.resolve() })
    const rows = { id: 1, indices: Int32Array.of(0), data: Float32Array.of(1, 2), tokenCounts: Int32Array.of(3) }
    call.take(call.cut(1) as Portion, rows)
    expect(call.cut(1)).toBe('later')
    call.take({ places: [2], texts: ['0'] }, rows)
    // A row that comes twice counts once.
    call.take({ places: [2], texts: ['0'] }, rows)
    expect(done).toEqual([2, 5])
  })

  it('tells nothing once it was given up, also while rows of equal texts are copied', async () => {
    const reason = new Error('enough')
    const call = await watchProgress<ProgressEvent>((onProgress) => {
      const encoding = callOf(COUNT, onProgress)
      encodeAll(encoding)
      encoding.fail(reason)
      return encoding.result
    })
    expect(call).toMatchObject({ outcome: 'failed', value: reason })
    expect(progressFaults(call)).toEqual([])
  })
})
