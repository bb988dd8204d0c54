import { progressFaults, watchProgress } from '@nestling/testing/progress-contract'
import { describe, expect, it } from 'vitest'
import type { ProgressEvent } from '../wire/progress.js'
import { EncodeCall } from './encode-call.js'
import type { ResolvedEncodeOptions } from './encode-options.js'

const DIM = 2

/** A call of one text and many more that are equal to it. */
function callOf(count: number, onProgress: ResolvedEncodeOptions['onProgress']): EncodeCall {
  return new EncodeCall({
    texts: Array.from({ length: count }, () => 'a'),
    dim: DIM,
    maxSeqLength: 8,
    options: { onProgress } as ResolvedEncodeOptions,
    cacheDim: undefined,
    workers: 1,
    onWaiting: () => undefined,
    onSettled: () => undefined,
  })
}

/** Encodes its first text and has it look for more until there is none. */
function encodeAll(call: EncodeCall): void {
  const rows = { id: 1, indices: Int32Array.of(0), data: Float32Array.of(1, 2), tokenCounts: Int32Array.of(3) }
  let portion = call.takePortion()
  while (portion !== undefined) {
    if (portion.texts.length > 0) {
      call.takeRows(portion, rows)
      call.endPortion()
    }
    portion = call.takePortion()
  }
}

// So many that their rows are copied in several tasks.
const COUNT = 200_000

describe('EncodeCall', () => {
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

  it('tells nothing once it was given up, also while rows of equal texts are copied', async () => {
    const reason = new Error('enough')
    const call = await watchProgress<ProgressEvent>((onProgress) => {
      const encoding = callOf(COUNT, onProgress)
      encodeAll(encoding)
      // As untilAborted() does: the caller hears of it at once.
      encoding.fail(reason)
      return Promise.reject(reason)
    })
    expect(call).toMatchObject({ outcome: 'failed', value: reason })
    expect(progressFaults(call)).toEqual([])
  })
})
