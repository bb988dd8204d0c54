import { expect, test } from 'vitest'
import { cosineErrorOf, pairCosines } from './cosines.js'

test('pairCosines() compares each vector with others, by their direction alone', () => {
  // Of 2 vectors every odd distance leads to the other one, and every even one back.
  const cosines = pairCosines(Float32Array.of(3, 4, 10, 0), 2)
  const expected = [1, 2, 3, 5, 8, 13, 21, 34].map((distance) => (distance % 2 === 1 ? 0.6 : 1))
  expect(cosines).toHaveLength(16)
  for (const [index, cosine] of cosines.entries()) expect(cosine).toBeCloseTo(expected[index % 8] ?? NaN, 12)
})

test('pairCosines() survive a rotation', () => {
  const vectors = Float32Array.of(1, 0, 0.6, 0.8, 0, 1)
  const turned = Float32Array.of(0, 1, -0.8, 0.6, -1, 0)
  const [a, b] = [pairCosines(vectors, 3), pairCosines(turned, 3)]
  for (const [index, cosine] of a.entries()) expect(cosine).toBeCloseTo(b[index] ?? NaN, 6)
})

test('cosineErrorOf() gives mean and largest difference, and no number where one is missing', () => {
  const error = cosineErrorOf([0.5, 0.25, 1], [0.25, 0.5, 0.5])
  expect(error.largest).toBe(0.5)
  expect(error.mean).toBeCloseTo(1 / 3, 12)
  expect(cosineErrorOf([0.5, 0.25], [0.5]).largest).toBeNaN()
})
