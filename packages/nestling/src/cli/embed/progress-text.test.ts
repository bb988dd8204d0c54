import { expect, it } from 'vitest'
import { durationText, progressText } from './progress-text.js'

const HALF = { rows: 12_000, ownRows: 10_000, elapsedMs: 50_000, fraction: 0.6, startFraction: 0.1 }

it('shows bar, share, rows, rate and what is left', () => {
  // Half of the input in 50 s: the other 40 % take 40 s.
  expect(progressText(HALF)).toBe('############........   60 %  12,000 rows  200 rows/s  0:40 left')
})

it('leaves the bar out, and then the end, where there is no room', () => {
  expect(progressText(HALF, 50)).toBe(' 60 %  12,000 rows  200 rows/s  0:40 left')
  expect(progressText(HALF, 20)).toBe(' 60 %  12,000 rows  ')
})

it('shows what is known of an input without a length, and at the start', () => {
  expect(progressText({ ...HALF, fraction: undefined })).toBe('12,000 rows  200 rows/s')
  const start = { rows: 0, ownRows: 0, elapsedMs: 0, fraction: 0, startFraction: 0 }
  expect(progressText(start)).toBe('....................    0 %  0 rows  0 rows/s')
})

it.each([
  [0, '0:00'],
  [59.4, '0:59'],
  [59.6, '1:00'],
  [3599.6, '1:00:00'],
  [36_061, '10:01:01'],
])('durationText(%d) is %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})
