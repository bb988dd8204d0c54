import { Matrix, type Shape } from './matrix.js'

/** The similarity functions of sentence-transformers, by their names there. Higher always means nearer. */
export const SIMILARITY_FUNCTIONS = ['cosine', 'dot', 'euclidean', 'manhattan'] as const

/** One of {@link SIMILARITY_FUNCTIONS}. */
export type SimilarityFunction = (typeof SIMILARITY_FUNCTIONS)[number]

/** Work in steps: a caller on the main thread stops in between. Returns the scores at the end. */
export type SimilaritySteps<S extends Shape> = Generator<undefined, Matrix<S>, undefined>

/** Python clamps norms there, so that a zero vector has cosine 0 with everything. */
const MIN_NORM = 1e-12

/** Multiplications of one step: about 0.5 ms. */
const STEP_SIZE = 500_000

/**
 * Compares every row of `a` with every row of `b`.
 *
 * Shape: `[m, dim]` and `[n, dim]` to `[m, n]`.
 *
 * @param name - `cosine`, `dot`, or the negative `euclidean` or `manhattan` distance.
 * @param a - Rows; a single vector counts as one row.
 * @param b - Rows of the same length.
 * @returns Steps that end in the scores.
 * @throws {RangeError} If the rows differ in length.
 * @see `sentence_transformers.SentenceTransformer.similarity`
 */
export function* similaritySteps(
  name: SimilarityFunction,
  a: Matrix<Shape>,
  b: Matrix<Shape>,
): SimilaritySteps<readonly [number, number]> {
  checkDims(a, b)
  const compare = SCORE[name]
  const scores = new Float32Array(a.count * b.count)
  let next = 0
  let work = 0
  for (const left of a) {
    for (const right of b) {
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
 * @param name - As in {@link similaritySteps}.
 * @param a - Rows.
 * @param b - As many rows of the same length.
 * @returns Steps that end in the scores.
 * @throws {RangeError} If the numbers of rows or their lengths differ.
 * @see `sentence_transformers.SentenceTransformer.similarity_pairwise`
 */
export function* similarityPairwiseSteps(
  name: SimilarityFunction,
  a: Matrix<Shape>,
  b: Matrix<Shape>,
): SimilaritySteps<readonly [number]> {
  checkDims(a, b)
  if (a.count !== b.count) {
    throw new RangeError(
      `Cannot compare rows in pairs as both sides must have as many: current numbers are ${a.count} and ${b.count}`,
    )
  }
  const scores = new Float32Array(a.count)
  for (let row = 0, work = 0; row < a.count; row++) {
    scores[row] = SCORE[name](a.row(row), b.row(row))
    work += a.dim
    if (work >= STEP_SIZE) {
      work = 0
      yield
    }
  }
  return new Matrix(scores, [a.count])
}

function checkDims(a: Matrix<Shape>, b: Matrix<Shape>): void {
  if (a.dim === b.dim) return
  throw new RangeError(
    `Cannot compare embeddings as their dims must be equal: current dims are ${a.dim} and ${b.dim}\nTruncate the longer ones to ${Math.min(a.dim, b.dim)}`,
  )
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
