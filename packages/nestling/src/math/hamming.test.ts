import { finish } from '@nestling/testing/finish'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hammingDistanceSteps } from './hamming.js'
import { Matrix } from './matrix.js'

/** Rows at any offset of a buffer, so that some can be read as words where they are and others cannot. */
const packed = fc
  .record({
    dim: fc.integer({ min: 1, max: 27 }),
    counts: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })),
    offset: fc.integer({ min: 0, max: 9 }),
  })
  .chain(({ dim, counts, offset }) =>
    fc.tuple(
      fc.constant({ dim, counts, offset }),
      fc.uint8Array({ minLength: dim * counts[0] + offset, maxLength: dim * counts[0] + offset }),
      fc.uint8Array({ minLength: dim * counts[1], maxLength: dim * counts[1] }),
    ),
  )

function differingBits(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let distance = 0
  for (let at = 0; at < a.length; at++) {
    for (let bit = 0; bit < 8; bit++) if (((Number(a[at]) >> bit) & 1) !== ((Number(b[at]) >> bit) & 1)) distance++
  }
  return distance
}

function distanceOf(
  a: Matrix<readonly [number, number], 'binary' | 'ubinary'>,
  b: typeof a,
): (i: number, j: number) => number {
  return finish(hammingDistanceSteps(a, b)).result
}

describe('hammingDistanceSteps()', () => {
  it.each(['ubinary', 'binary'] as const)('counts what a loop over the bits counts, for %s', (precision) => {
    fc.assert(
      fc.property(packed, ([{ dim, counts, offset }, left, right]) => {
        const view = (bytes: Uint8Array): Int8Array | Uint8Array =>
          precision === 'binary' ? new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes
        const a = new Matrix(view(left.subarray(offset)) as Uint8Array, [counts[0], dim], precision as 'ubinary')
        const b = new Matrix(view(right) as Uint8Array, [counts[1], dim], precision as 'ubinary')
        const distance = distanceOf(a, b)
        for (let i = 0; i < counts[0]; i++) {
          for (let j = 0; j < counts[1]; j++) expect(distance(i, j)).toBe(differingBits(a.row(i), b.row(j)))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('counts every bit of a block', () => {
    const rows = new Matrix(
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255),
      [2, 8],
      'ubinary',
    )
    expect(distanceOf(rows, rows)(0, 1)).toBe(64)
  })

  it('stops about every hundred thousand bytes that it has to copy', () => {
    const steps = hammingDistanceSteps(
      new Matrix(new Uint8Array(200_000 * 10), [200_000, 10], 'ubinary'),
      new Matrix(new Uint8Array(8), [1, 8], 'ubinary'),
    )
    let stops = 0
    while (steps.next().done !== true) stops++
    expect(stops).toBe(20)
  })
})
