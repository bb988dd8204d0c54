import { describe, expect, it } from 'vitest'
import { findBestAccAndThreshold, findBestF1AndThreshold } from './best-thresholds.js'

describe('findBestAccAndThreshold()', () => {
  it('puts the threshold in the middle between two scores', () => {
    expect(findBestAccAndThreshold([0.9, 0.1, 0.7, 0.3], [1, 0, 1, 0], true)).toEqual({ accuracy: 1, threshold: 0.5 })
  })

  it('never parts pairs of equal score', () => {
    // From .5 on: three right, (.5, 0) wrong; only above: (.9) right, both others too, (.5, 1) wrong. The strictest wins.
    expect(findBestAccAndThreshold([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0], true)).toEqual({
      accuracy: 0.75,
      threshold: 0.7,
    })
  })

  it('calls nothing similar where that is best: just above the highest score', () => {
    expect(findBestAccAndThreshold([0.5, 1], [0, 0], true)).toEqual({ accuracy: 1, threshold: 1 + 2 ** -52 })
    expect(findBestAccAndThreshold(Float32Array.of(0.5, 1), [0, 0], true).threshold).toBe(1 + 2 ** -23)
    expect(findBestAccAndThreshold([2, 1], [0, 0], false).threshold).toBe(1 - 2 ** -53)
    expect(findBestAccAndThreshold([-1], [0], true).threshold).toBe(-1 + 2 ** -53)
    expect(findBestAccAndThreshold(Float32Array.of(0), [0], false).threshold).toBe(-(2 ** -149))
    expect(findBestAccAndThreshold([0], [0], true).threshold).toBe(Number.MIN_VALUE)
  })

  it('counts distances from the other side', () => {
    expect(findBestAccAndThreshold([1, 2, 4, 8], [1, 1, 0, 0], false)).toEqual({ accuracy: 1, threshold: 3 })
  })

  it('never rounds to the next score', () => {
    const next = 1 - 2 ** -53
    expect(findBestAccAndThreshold([1, next], [1, 0], true).threshold).toBe(1)
    // The middle of these two would round to the even one, 1, which stands on the other side.
    expect(findBestAccAndThreshold([1, next], [1, 0], false)).toMatchObject({ accuracy: 0.5 })
    expect(findBestAccAndThreshold([next, 1], [1, 0], false).threshold).toBe(next)
  })

  it('answers for no pairs as Python does', () => {
    expect(findBestAccAndThreshold([], [], true)).toEqual({ accuracy: 0, threshold: -1 })
  })
})

describe('findBestF1AndThreshold()', () => {
  it('finds the best balance', () => {
    // From .6 on: precision 2/3, recall 1, F1 .8; from .9 on: 1 and 1/2, F1 2/3.
    const best = findBestF1AndThreshold([0.9, 0.8, 0.6, 0.2], [1, 0, 1, 0], true)
    expect(best).toEqual({ f1: 0.8, precision: 2 / 3, recall: 1, threshold: 0.4 })
  })

  it('takes the last score itself where all are called similar', () => {
    expect(findBestF1AndThreshold([0.25, 0.5], [1, 0], true)).toMatchObject({
      precision: 0.5,
      recall: 1,
      threshold: 0.25,
    })
  })

  it('rounds thresholds of float32 scores to float32', () => {
    const scores = Float32Array.of(0.7, 0.1)
    const middle = Math.fround(Math.fround(Math.fround(0.7) + Math.fround(0.1)) / 2)
    expect(findBestF1AndThreshold(scores, [1, 0], true).threshold).toBe(middle)
    expect(findBestF1AndThreshold([...scores], [1, 0], true).threshold).not.toBe(middle)
  })

  it('is 0 where no pair is similar', () => {
    expect(findBestF1AndThreshold([0.5], [0], true)).toEqual({ f1: 0, precision: 0, recall: 0, threshold: 0 })
  })
})
