import { MIN_NORM } from '@nestling/kit/math/norm'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { hammingDistanceSteps } from './hamming.js'
import { Matrix, type AnyMatrix, type Shape } from './matrix.js'
import { componentsPerValue } from './precision.js'

/** Work in steps: a caller on the main thread stops in between. Returns the scores at the end. */
export type SimilaritySteps<S extends Shape> = Generator<undefined, Matrix<S>, undefined>

/** Multiplications or packed bytes of one step: 0.05 ms, and 0.6 ms as long as the engine has not compiled the loops. */
const STEP_SIZE = 50_000

/**
 * Compares every row of `a` with every row of `b`.
 *
 * Shape: `[m, dim]` and `[n, dim]` to `[m, n]`. `int8` and `uint8` count as the numbers they are. Packed bits give the
 * negative Hamming distance, whatever `name` is: each of the four orders vectors of signs alike. It is 0 for equal rows,
 * minus the number of components for opposite ones, and what faiss and usearch call the distance, with the sign of the
 * other distances here.
 *
 * @param name - `cosine`, `dot`, or the negative `euclidean` or `manhattan` distance.
 * @param a - Rows; a single vector counts as one row.
 * @param b - Rows of the same length and precision.
 * @returns Steps that end in the scores.
 * @throws {TypeError} If the rows differ in precision.
 * @throws {RangeError} If the rows differ in length.
 * @see `sentence_transformers.SentenceTransformer.similarity` and `sentence_transformers.util.semantic_search_usearch`
 */
export function* similaritySteps(
  name: SimilarityFunction,
  a: AnyMatrix,
  b: AnyMatrix,
): SimilaritySteps<readonly [number, number]> {
  const compare = yield* comparisonSteps(name, a, b)
  const scores = new Float32Array(a.count * b.count)
  let next = 0
  let work = 0
  for (let left = 0; left < a.count; left++) {
    for (let right = 0; right < b.count; right++) {
      scores[next++] = compare(left, right)
      work += a.dim
      if (work >= STEP_SIZE) {
        work = 0
        yield
      }
    }
  }
  return new Matrix(scores, [a.count, b.count])
}

/**
 * Compares row `i` of `a` with row `i` of `b`.
 *
 * Shape: `[n, dim]` and `[n, dim]` to `[n]`.
 *
 * @param name - As in {@link similaritySteps}, also for packed bits.
 * @param b - As many rows of the same length and precision.
 * @returns Steps that end in the scores.
 * @throws {TypeError} If the rows differ in precision.
 * @throws {RangeError} If the numbers of rows or their lengths differ.
 * @see `sentence_transformers.SentenceTransformer.similarity_pairwise`
 */
export function* similarityPairwiseSteps(
  name: SimilarityFunction,
  a: AnyMatrix,
  b: AnyMatrix,
): SimilaritySteps<readonly [number]> {
  const compare = yield* comparisonSteps(name, a, b)
  if (a.count !== b.count) {
    throw new RangeError(
      `Cannot compare rows in pairs as both sides must have as many: current numbers are ${a.count} and ${b.count}`,
    )
  }
  const scores = new Float32Array(a.count)
  for (let row = 0, work = 0; row < a.count; row++) {
    scores[row] = compare(row, row)
    work += a.dim
    if (work >= STEP_SIZE) {
      work = 0
      yield
    }
  }
  return new Matrix(scores, [a.count])
}

/** Gives the score of row `i` of one side and row `j` of the other. */
type Comparison = (i: number, j: number) => number

function* comparisonSteps(
  name: SimilarityFunction,
  a: AnyMatrix,
  b: AnyMatrix,
): Generator<undefined, Comparison, undefined> {
  checkComparable(a, b)
  if (componentsPerValue(a.precision) > 1) {
    const distance = yield* hammingDistanceSteps(a, b)
    return (i, j) => 0 - distance(i, j)
  }
  const score = SCORE[name]
  const left = rowReader(a)
  const right = rowReader(b)
  return (i, j) => score(left(i), right(j))
}

function checkComparable(a: AnyMatrix, b: AnyMatrix): void {
  if (a.precision !== b.precision) {
    throw new TypeError(
      `Cannot compare embeddings as their precisions must be equal: current precisions are ${a.precision} and ${b.precision}\nQuantize both sides alike`,
    )
  }
  if (a.dim === b.dim) return
  const [left, right] = [a, b].map(({ dim, precision }) => dim * componentsPerValue(precision)) as [number, number]
  throw new RangeError(
    `Cannot compare embeddings as their dims must be equal: current dims are ${left} and ${right}\nTruncate the longer ones to ${Math.min(left, right)}`,
  )
}

/**
 * Reads rows as float32, and the same row again at no cost. Integers are copied: the loops below stay twice as fast for
 * floats while they never meet another class of array, and are faster for integers too, the copy included.
 */
function rowReader(matrix: AnyMatrix): (index: number) => Float32Array {
  const copy = new Float32Array(matrix.dim)
  let row: Float32Array = copy
  let current = -1
  return (index) => {
    if (index === current) return row
    current = index
    const view = matrix.row(index)
    if (view instanceof Float32Array) row = view
    else copy.set(view)
    return row
  }
}

const SCORE: Record<SimilarityFunction, (a: Float32Array, b: Float32Array) => number> = {
  cosine,
  dot,
  euclidean: (a, b) => -Math.sqrt(sumOver(a, b, (difference) => difference * difference)),
  manhattan: (a, b) => -sumOver(a, b, Math.abs),
}

/** One pass over both rows: reading memory twice costs more than the two extra sums. */
function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0
  let squaresA = 0
  let squaresB = 0
  for (let i = 0; i < a.length; i++) {
    const left = a[i] as number
    const right = b[i] as number
    product += left * right
    squaresA += left * left
    squaresB += right * right
  }
  return product / (Math.max(Math.sqrt(squaresA), MIN_NORM) * Math.max(Math.sqrt(squaresB), MIN_NORM))
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

function sumOver(a: Float32Array, b: Float32Array, term: (difference: number) => number): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += term((a[i] as number) - (b[i] as number))
  return sum
}
