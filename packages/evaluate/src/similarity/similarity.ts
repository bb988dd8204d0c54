import type { Steps } from '../run/steps.js'
import type { Rows } from './rows.js'
import type { SimilarityFnName } from './similarity-fn-name.js'

/** Compares row `i` of one side with row `j` of the other. Higher means nearer. */
type Comparison = (i: number, j: number) => number

/** `torch.nn.functional.normalize` clamps lengths there, so that a zero vector has cosine 0 with everything. */
const MIN_NORM = 1e-12

/** Multiplications between two stops: 0.05 ms, and 0.6 ms as long as the engine has not compiled the loops. */
const STEP_SIZE = 50_000

/**
 * Compares row `i` of `a` with row `i` of `b`.
 *
 * Shape: `[count, dim]` twice to `[count]`. Sums are float64, scores float32: what is a tie in Python is one here.
 *
 * @param name - The similarity function; distances are negative.
 * @param a - Rows.
 * @param b - As many rows of the same length.
 * @returns Steps that end in the scores.
 * @see `sentence_transformers.util.pairwise_cos_sim`, `pairwise_dot_score`, `pairwise_euclidean_sim`, `pairwise_manhattan_sim`
 */
export function* pairwiseScoresSteps(name: SimilarityFnName, a: Rows, b: Rows): Steps<Float32Array> {
  const compare = yield* COMPARISONS[name](a, b)
  return yield* fillSteps(new Float32Array(a.count), a.dim, (row) => compare(row, row))
}

/**
 * Compares rows of `a` with every row of `b`, one after another, so that nobody has to hold all scores.
 *
 * @param name - The similarity function; distances are negative.
 * @param a - Rows.
 * @param b - Rows of the same length.
 * @returns Steps that end in a function. It gives the scores of row `i` of `a` in steps; the next call overwrites them.
 * @see `sentence_transformers.util.cos_sim`, `dot_score`, `euclidean_sim`, `manhattan_sim`
 */
export function* rowScorerSteps(name: SimilarityFnName, a: Rows, b: Rows): Steps<(i: number) => Steps<Float32Array>> {
  const compare = yield* COMPARISONS[name](a, b)
  const scores = new Float32Array(b.count)
  return (i) => fillSteps(scores, b.dim, (j) => compare(i, j))
}

/** Fills an array with what costs `dim` multiplications a value. */
function* fillSteps<T extends Float32Array | Float64Array>(
  values: T,
  dim: number,
  valueOf: (index: number) => number,
): Steps<T> {
  let work = 0
  for (let index = 0; index < values.length; index++) {
    values[index] = valueOf(index)
    work += dim
    if (work >= STEP_SIZE) {
      work = 0
      yield
    }
  }
  return values
}

const COMPARISONS: Readonly<Record<SimilarityFnName, (a: Rows, b: Rows) => Steps<Comparison>>> = {
  *cosine(a, b) {
    const left = yield* normSteps(a)
    const right = yield* normSteps(b)
    const product = dot(a, b)
    return (i, j) => product(i, j) / ((left[i] as number) * (right[j] as number))
  },
  *dot(a, b) {
    return dot(a, b)
  },
  *euclidean(a, b) {
    const sum = sumOfDifferences(a, b, (difference) => difference * difference)
    return (i, j) => -Math.sqrt(sum(i, j))
  },
  *manhattan(a, b) {
    const sum = sumOfDifferences(a, b, Math.abs)
    return (i, j) => -sum(i, j)
  },
}

function dot({ data: a, dim }: Rows, { data: b }: Rows): Comparison {
  return (i, j) => {
    const left = i * dim
    const right = j * dim
    let sum = 0
    for (let index = 0; index < dim; index++) sum += (a[left + index] as number) * (b[right + index] as number)
    return sum
  }
}

function sumOfDifferences({ data: a, dim }: Rows, { data: b }: Rows, term: (difference: number) => number): Comparison {
  return (i, j) => {
    const left = i * dim
    const right = j * dim
    let sum = 0
    for (let index = 0; index < dim; index++) {
      sum += term((a[left + index] as number) - (b[right + index] as number))
    }
    return sum
  }
}

function normSteps(rows: Rows): Steps<Float64Array> {
  const product = dot(rows, rows)
  return fillSteps(new Float64Array(rows.count), rows.dim, (row) => Math.max(Math.sqrt(product(row, row)), MIN_NORM))
}
