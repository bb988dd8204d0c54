import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EncodeRequest } from '../wire/protocol.js'
import { EncodeJob } from './encode-job.js'
import { Lane } from './lane.js'
import { TextTask, type TextPart } from './text-task.js'

const REQUEST: EncodeRequest = {
  id: 1,
  texts: ['a'],
  prompt: '',
  truncateDim: undefined,
  normalize: false,
  batchSize: 32,
  priority: 'background',
  onTruncate: 'truncate',
  cacheDim: undefined,
  isIsolated: false,
}

interface TextFacts {
  readonly length: number
  readonly group?: number
  readonly skippedTokens?: number
}

/** A text of so many tokens that one job waits for. */
function partOf({ length, group = 0, skippedTokens = 0 }: TextFacts, job: EncodeJob): TextPart {
  const task = new TextTask({ key: '', prompt: '', text: '', isChunked: false, group }, 'background')
  task.subscribe({ job, index: 0 })
  const part = { task, encoding: { ids: new Int32Array(length), tokenCount: length }, skippedTokens, vector: undefined }
  task.parts = [part]
  return part
}

/** Lengths of the batches in which texts leave a lane. */
function plan(
  texts: readonly TextFacts[],
  { batchSize, tokenBudget }: { batchSize: number; tokenBudget: number },
): number[][] {
  const job = new EncodeJob({ ...REQUEST, batchSize })
  const lane = new Lane('background')
  lane.addParts(texts.map((text) => partOf(text, job)))
  const batches: number[][] = []
  for (;;) {
    const batch = lane.takeBatch(tokenBudget)
    if (batch.length === 0) return batches
    batches.push(batch.map(({ encoding }) => encoding.ids.length))
  }
}

const withLengths = (lengths: readonly number[]): TextFacts[] => lengths.map((length) => ({ length }))

describe('Lane', () => {
  it('groups texts of like length and limits texts and padded tokens', () => {
    const batches = plan(withLengths([5, 100, 7, 6, 90, 5]), { batchSize: 3, tokenBudget: 180 })
    expect(batches).toEqual([[5, 5, 6], [7], [90], [100]])
  })

  it('lets a single text exceed the budget', () => {
    expect(plan(withLengths([500]), { batchSize: 8, tokenBudget: 10 })).toEqual([[500]])
  })

  it('ends a batch where too much of it would be padding', () => {
    // Two texts of 100 tokens with eight of 10 would be 1000 tokens, of which 720 padding.
    const lengths = [10, 10, 10, 10, 10, 10, 10, 10, 100, 100]
    expect(plan(withLengths(lengths), { batchSize: 32, tokenBudget: 9999 })).toEqual([lengths.slice(0, 8), [100, 100]])
  })

  it('wastes at most a tenth on mixed texts of 10 to 256 tokens', () => {
    const lengths = Array.from({ length: 500 }, (_, index) => 10 + ((index * 97) % 247))
    const batches = plan(withLengths(lengths), { batchSize: 32, tokenBudget: 512 })
    const padded = batches.reduce((sum, batch) => sum + batch.length * Math.max(...batch), 0)
    expect(padded / lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(1.1)
  })

  it('never mixes groups, nor prompts of different lengths', () => {
    const texts = [
      { length: 5, group: 2 },
      { length: 5 },
      { length: 5, skippedTokens: 3 },
      { length: 5, group: 2 },
      { length: 5, skippedTokens: 3 },
    ]
    expect(plan(texts, { batchSize: 32, tokenBudget: 999 })).toEqual([[5], [5, 5], [5, 5]])
  })

  it('leaves out what nobody waits for any more', () => {
    const [left, right] = [new EncodeJob(REQUEST), new EncodeJob(REQUEST)]
    const lane = new Lane('background')
    lane.addParts([partOf({ length: 3 }, left), partOf({ length: 4 }, right)])
    left.isOver = true
    expect(lane.takeBatch(99).map(({ encoding }) => encoding.ids.length)).toEqual([4])
    expect(lane.takeBatch(99)).toEqual([])
  })

  it('runs a window to its end before texts that came later', () => {
    const job = new EncodeJob(REQUEST)
    const lane = new Lane('background')
    lane.addParts([partOf({ length: 50 }, job), partOf({ length: 90 }, job)])
    const first = lane.takeBatch(50)
    lane.addParts([partOf({ length: 1 }, job)])
    const rest = [lane.takeBatch(50), lane.takeBatch(50)]
    expect([first, ...rest].map((batch) => batch.map(({ encoding }) => encoding.ids.length))).toEqual([[50], [90], [1]])
  })

  it('puts each text into one batch, within the limits', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 })
    const limits = fc.record({
      batchSize: fc.integer({ min: 1, max: 40 }),
      tokenBudget: fc.integer({ min: 1, max: 2000 }),
    })
    fc.assert(
      fc.property(lengths, limits, (all, { batchSize, tokenBudget }) => {
        const batches = plan(withLengths(all), { batchSize, tokenBudget })
        expect(batches.flat()).toEqual([...all].sort((a, b) => a - b))
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(batchSize)
          expect(batch.length === 1 || batch.length * Math.max(...batch) <= tokenBudget).toBe(true)
        }
      }),
    )
  })
})
