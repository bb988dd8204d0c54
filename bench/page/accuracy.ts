import type { Embedder, LoadOptions } from '../../packages/nestling/dist/index.js'

/** What the page is asked to do. */
export interface AccuracyRequest {
  /** The built library. */
  readonly library: string
  /** Folder with int8 weights, run as its users do, and the one with float32 weights that it was made of. */
  readonly quantized: string
  readonly float32: string
  /** Pairs of sentences with people's scores. */
  readonly pairs: readonly (readonly [string, string, number])[]
  readonly dims: readonly number[]
}

/** How near int8 is to float32 at one dim. */
export interface AccuracyRow {
  readonly dim: number
  /** Spearman's correlation of cosines with people's scores. */
  readonly quantized: number
  readonly float32: number
  /** Cosines of the same text's two vectors. */
  readonly meanCosine: number
  readonly lowestCosine: number
}

type Load = (url: string, options: LoadOptions) => Promise<Embedder>

/**
 * Encodes pairs of sentences in int8 and in float32, both on our kernels, and compares.
 *
 * @returns A row a dim.
 */
export async function compareAccuracy(request: AccuracyRequest): Promise<AccuracyRow[]> {
  const { load } = (await import(/* @vite-ignore */ request.library)) as { load: Load }
  const texts = request.pairs.flatMap(([a, b]) => [a, b])
  const encode = async (url: string, dtype: 'q8' | 'fp32'): Promise<Rows> => {
    const embedder = await load(url, { engine: 'kernels', dtype })
    const { data, dim } = await embedder.encode(texts)
    await embedder.dispose()
    return { data, dim }
  }
  const quantized = await encode(request.quantized, 'q8')
  const float32 = await encode(request.float32, 'fp32')
  const scores = request.pairs.map(([, , score]) => score)
  return request.dims.map((dim) => {
    const near = texts.map((_, text) => cosine(rowOf(quantized, text, dim), rowOf(float32, text, dim)))
    return {
      dim,
      quantized: spearman(pairCosines(quantized, scores.length, dim), scores),
      float32: spearman(pairCosines(float32, scores.length, dim), scores),
      meanCosine: near.reduce((sum, value) => sum + value, 0) / near.length,
      lowestCosine: near.reduce((least, value) => Math.min(least, value), 1),
    }
  })
}

interface Rows {
  readonly data: Float32Array
  readonly dim: number
}

function rowOf({ data, dim: length }: Rows, row: number, dim: number): Float32Array {
  return data.subarray(row * length, row * length + dim)
}

function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0
  let squaresA = 0
  let squaresB = 0
  for (const [at, left] of a.entries()) {
    const right = b[at] ?? NaN
    product += left * right
    squaresA += left * left
    squaresB += right * right
  }
  return product / Math.sqrt(squaresA * squaresB)
}

function pairCosines(rows: Rows, count: number, dim: number): number[] {
  return Array.from({ length: count }, (_, pair) => cosine(rowOf(rows, 2 * pair, dim), rowOf(rows, 2 * pair + 1, dim)))
}

/** @see `scipy.stats.spearmanr`: equal values share the mean of their ranks. */
function spearman(a: readonly number[], b: readonly number[]): number {
  const [ranksA, ranksB] = [ranksOf(a), ranksOf(b)]
  const mean = (a.length - 1) / 2
  let product = 0
  let squaresA = 0
  let squaresB = 0
  ranksA.forEach((rank, index) => {
    const [left, right] = [rank - mean, (ranksB[index] ?? NaN) - mean]
    product += left * right
    squaresA += left * left
    squaresB += right * right
  })
  return product / Math.sqrt(squaresA * squaresB)
}

function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const ranks = new Array<number>(values.length).fill(0)
  for (let start = 0; start < order.length;) {
    let end = start
    while (end + 1 < order.length && values[order[end + 1] ?? 0] === values[order[start] ?? 0]) end++
    for (let at = start; at <= end; at++) ranks[order[at] ?? 0] = (start + end) / 2
    start = end + 1
  }
  return ranks
}
