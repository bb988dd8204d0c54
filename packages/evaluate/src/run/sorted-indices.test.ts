import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortedIndicesSteps } from './sorted-indices.js'
import { finishSteps } from '@nestling/kit/calls/run-steps'

it('sortedIndicesSteps() sorts as the stable sort of JavaScript does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 }), (values) => {
      const at = (index: number): number => values[index] ?? NaN
      const expected = [...values.keys()].sort((a, b) => at(a) - at(b))
      const sorted = finishSteps(sortedIndicesSteps(values.length, (a, b) => at(a) - at(b)))
      expect(Array.from(sorted)).toEqual(expected)
    }),
  )
})

it('sortedIndicesSteps() stops on the way, so that a page can breathe', () => {
  const steps = sortedIndicesSteps(100_000, (a, b) => b - a)
  let stops = 0
  for (let step = steps.next(); step.done !== true; step = steps.next()) stops++
  // 17 rounds of 100,000 comparisons, a stop every 5000
  expect(stops).toBe(340)
})
