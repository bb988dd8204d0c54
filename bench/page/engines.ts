import { createIds } from './token-ids.js'
import { startContenders, type Contender, type EngineUrls, type Shape } from './engine-runs.js'

/** What the page is asked to do. */
export interface EngineRequest {
  readonly urls: EngineUrls
  readonly shapes: readonly Shape[]
  readonly rounds: number
  /** Milliseconds that each engine runs in each round. */
  readonly roundMs: number
}

/** Measurements of one engine at one shape. */
export interface EngineResult {
  readonly name: string
  readonly shape: Shape
  /** Milliseconds of a batch, the mean of each round. */
  readonly batchMs: readonly number[]
  /** Milliseconds of the fastest batch of all: what it takes where nothing else runs. */
  readonly bestMs: number
  /** Largest difference of a cosine between two texts from that of kernels in float32. */
  readonly cosineError: number
}

/** Tokens that take about 10 ms on the fastest engine. */
const MIN_TOKENS_TIMED = 64

/** Milliseconds of each batch. Short ones are timed in groups, as the clock of a page has steps of 0.1 ms. */
async function measure(contender: Contender, ids: Int32Array, shape: Shape, ms: number): Promise<number[]> {
  const group = Math.ceil(MIN_TOKENS_TIMED / (shape.texts * shape.tokens))
  const times: number[] = []
  const start = performance.now()
  for (let now = start; now - start < ms || times.length === 0;) {
    for (let run = 0; run < group; run++) await contender.run(ids, shape)
    const end = performance.now()
    times.push((end - now) / group)
    now = end
  }
  return times
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Cosines of all pairs: those survive a rotation, by which the models differ. */
function similarities(vectors: Float32Array, texts: number): number[] {
  const dim = vectors.length / texts
  const dot = (a: number, b: number): number => {
    let sum = 0
    for (let at = 0; at < dim; at++) sum += (vectors[a * dim + at] ?? 0) * (vectors[b * dim + at] ?? 0)
    return sum
  }
  const indices = Array.from({ length: texts }, (_, index) => index)
  return indices.flatMap((a) => indices.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))))
}

async function measureShape(
  contenders: readonly Contender[],
  shape: Shape,
  { rounds: count, roundMs }: EngineRequest,
): Promise<EngineResult[]> {
  const ids = createIds(shape.texts * shape.tokens)
  const outputs = new Map<string, number[]>()
  for (const contender of contenders) {
    outputs.set(contender.name, similarities(await contender.run(ids, shape), shape.texts))
    await measure(contender, ids, shape, roundMs)
  }
  const times = new Map(contenders.map(({ name }) => [name, [] as number[][]]))
  // Turn by turn, so that what else the machine does falls on all alike.
  for (let round = 0; round < count; round++) {
    for (const contender of contenders) times.get(contender.name)?.push(await measure(contender, ids, shape, roundMs))
  }
  const right = outputs.get('kernels fp32') ?? []
  return contenders.map(({ name }) => {
    const errors = outputs.get(name)?.map((value, index) => Math.abs(value - (right[index] ?? NaN))) ?? []
    const rounds = times.get(name) ?? []
    return {
      name,
      shape,
      batchMs: rounds.map(mean),
      bestMs: Math.min(...rounds.flat()),
      cosineError: Math.max(...errors),
    }
  })
}

/**
 * Measures every engine at every shape.
 *
 * @param request - What to run.
 * @returns The measurements.
 */
export async function measureEngines(request: EngineRequest): Promise<EngineResult[]> {
  const contenders = await startContenders(request.urls)
  const results: EngineResult[] = []
  for (const shape of request.shapes) results.push(...(await measureShape(contenders, shape, request)))
  return results
}
