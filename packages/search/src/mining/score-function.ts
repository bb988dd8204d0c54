import { checkRows, type Rows } from './rows.js'

/** What rows are compared with, by the names of sentence-transformers. */
export const SCORE_FUNCTIONS = ['cosine', 'dot', 'euclidean', 'manhattan'] as const

/** One of {@link SCORE_FUNCTIONS}; distances are negative, so that higher means nearer. */
export type ScoreFunction = (typeof SCORE_FUNCTIONS)[number]

/** Writes the scores of row `i` of one side against rows `start` to `end` of the other into `scores`, at their places. */
export type RowScorer = (i: number, start: number, end: number, scores: Float32Array) => void

/** `torch.nn.functional.normalize` clamps lengths there, so that a zero vector has cosine 0 with everything. */
const MIN_NORM = 1e-12

/**
 * Prepares to compare rows of `a` with rows of `b`.
 *
 * Sums are float64, scores float32: what is a tie in Python is one here.
 *
 * @param name - What to compare with.
 * @param a - Rows.
 * @param b - Rows of the same length.
 * @returns A function that gives scores.
 * @see `sentence_transformers.util.cos_sim`, `dot_score`, `euclidean_sim`, `manhattan_sim`
 */
export function createRowScorer(name: ScoreFunction, a: Rows, b: Rows): RowScorer {
  const compare = COMPARISONS[name]
  if (name !== 'cosine') {
    return (i, start, end, scores) => {
      for (let j = start; j < end; j++) scores[j] = compare(a, i, b, j)
    }
  }
  const left = normsOf(a)
  const right = a === b ? left : normsOf(b)
  return (i, start, end, scores) => {
    const norm = left(i)
    for (let j = start; j < end; j++) scores[j] = dot(a, i, b, j) / (norm * right(j))
  }
}

/**
 * Checks two sides that are to be compared.
 *
 * @param what - The call, for the message.
 * @param queries - One side.
 * @param corpus - The other.
 * @throws {TypeError} If one is no rows of float32.
 * @throws {RangeError} If they cannot be compared.
 */
export function checkSides(what: string, queries: Rows, corpus: Rows): void {
  checkRows(what, 'queryEmbeddings', queries)
  checkRows(what, 'corpusEmbeddings', corpus)
  // Nothing has no length.
  if (queries.count === 0 || corpus.count === 0 || queries.dim === corpus.dim) return
  throw new RangeError(
    `Cannot ${what} as both sides must have equal dims: current values are ${queries.dim} and ${corpus.dim}`,
  )
}

/** Gives the length of each row, computed when it is first asked for: those of all at once would hold a page up. */
function normsOf(rows: Rows): (row: number) => number {
  const known = new Float64Array(rows.count)
  return (row) => {
    // None is 0, as they are clamped.
    if (known[row] === 0) known[row] = Math.max(Math.sqrt(dot(rows, row, rows, row)), MIN_NORM)
    return known[row] as number
  }
}

/** Four sums, as one would wait for itself at every component: twice as fast in V8 (384 components, Node 20). */
function dot({ data: a, dim }: Rows, i: number, { data: b }: Rows, j: number): number {
  const left = i * dim
  const right = j * dim
  const whole = dim - (dim % 4)
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let index = 0; index < whole; index += 4) {
    s0 += (a[left + index] as number) * (b[right + index] as number)
    s1 += (a[left + index + 1] as number) * (b[right + index + 1] as number)
    s2 += (a[left + index + 2] as number) * (b[right + index + 2] as number)
    s3 += (a[left + index + 3] as number) * (b[right + index + 3] as number)
  }
  for (let index = whole; index < dim; index++) s0 += (a[left + index] as number) * (b[right + index] as number)
  return s0 + s1 + (s2 + s3)
}

const COMPARISONS: Readonly<Record<ScoreFunction, (a: Rows, i: number, b: Rows, j: number) => number>> = {
  cosine: dot,
  dot,
  euclidean({ data: a, dim }, i, { data: b }, j) {
    let sum = 0
    for (let index = 0; index < dim; index++) {
      const difference = (a[i * dim + index] as number) - (b[j * dim + index] as number)
      sum += difference * difference
    }
    return -Math.sqrt(sum)
  },
  manhattan({ data: a, dim }, i, { data: b }, j) {
    let sum = 0
    for (let index = 0; index < dim; index++)
      sum += Math.abs((a[i * dim + index] as number) - (b[j * dim + index] as number))
    return -sum
  },
}
