import { withInternal } from '@nestling/testing/internal-options'
import { isEmbedderError, load, type Embedder, type Embeddings, type EncodeOptions, type LoadOptions } from 'nestling'
import { BULK, TEXTS, type CellBench, type FaultCall, type FaultCell, type Outcome } from './fault-cell.js'

/** Waits that are short, as faults of a test are meant. */
const LIMITS = { runMs: 2500, downloadMs: 30_000, compileMs: 30_000 }

/** A load that hangs is not waited for that long. */
const HANGING_LOAD_MS = 2500

/** The same on WebGPU where a later load must succeed: SwiftShader takes seconds, on a busy machine many. */
const RETRIED_LOAD_MS = 10_000

/** A call that has not settled by then hangs. */
const HUNG_MS = 90_000

/** Vectors of one device may differ in the last bits when batches differ. */
const TOLERANCE = 1e-5

/** A device and the model that is loaded on it. */
export interface FaultModel {
  readonly device: 'wasm' | 'webgpu'
  readonly url: string
  /** Undisturbed vectors of {@link TEXTS}, row-major. */
  readonly expected: Float32Array
  /** Undisturbed vectors of {@link BULK}, row-major; none on devices where there is one worker. */
  readonly bulkExpected: Float32Array
  /** Tokens of each text. */
  readonly tokenCounts: Int32Array
  /** A text with a number of tokens that no other has. */
  readonly poison: string
  readonly poisonTokens: number
}

/** What became of the calls of a cell. */
export interface CellResult {
  readonly calls: number
  readonly settled: number
  readonly hung: number
  /** Calls that settled with other vectors, or with another error, than they had to. */
  readonly lost: readonly string[]
}

/** Runs one cell on one device. */
export class FaultBench implements CellBench {
  /** Workers in the order in which they were started. */
  readonly workers: Worker[] = []
  /** A text with a number of tokens that no other has. */
  readonly poison: string
  /** Undisturbed vectors of all texts. */
  readonly expected: Float32Array
  readonly #cell: FaultCell
  readonly #model: FaultModel
  readonly #embedders: Embedder[] = []

  constructor(cell: FaultCell, model: FaultModel) {
    this.#cell = cell
    this.#model = model
    this.poison = model.poison
    this.expected = model.expected
  }

  async load(more: LoadOptions = {}): Promise<Embedder> {
    const { plans } = this.#cell
    const isHanging = plans[0]?.startsWith('load=') === true
    const loadMs = plans.length > 1 && this.#model.device === 'webgpu' ? RETRIED_LOAD_MS : HANGING_LOAD_MS
    const limits = isHanging ? { ...LIMITS, downloadMs: loadMs, compileMs: loadMs } : LIMITS
    const options = withInternal<LoadOptions>({ device: this.#model.device, ...this.#cell.load, ...more }, { limits })
    const embedder = await load(this.#model.url, { ...options, worker: () => this.#spawn() })
    this.#embedders.push(embedder)
    return embedder
  }

  /**
   * Encodes some of {@link TEXTS}, or of {@link BULK}.
   *
   * @param texts - Some of them.
   * @param outcome - How the call must end.
   */
  call(embedder: Embedder, texts: readonly string[], outcome: Outcome, options?: EncodeOptions): FaultCall {
    const dim = this.expected.length / TEXTS.length
    const rows = texts.flatMap((text) => {
      const place = TEXTS.indexOf(text)
      const [vectors, row] = place < 0 ? [this.#model.bulkExpected, BULK.indexOf(text)] : [this.expected, place]
      return Array.from(vectors.subarray(row * dim, (row + 1) * dim))
    })
    return { promise: embedder.encode(texts, options), outcome, expected: Float32Array.from(rows) }
  }

  count(embedder: Embedder, texts: readonly string[]): FaultCall {
    const promise = embedder.countTokens(texts).then((counts) => ({ data: Float32Array.from(counts) }))
    return { promise, outcome: 'value', expected: Float32Array.from(this.#model.tokenCounts) }
  }

  async stream(embedder: Embedder, texts: readonly string[], options?: EncodeOptions): Promise<{ data: Float32Array }> {
    async function* source(): AsyncGenerator<string, void, undefined> {
      for (const text of texts) {
        await Promise.resolve()
        yield text
      }
    }
    const data: number[] = []
    for await (const { embeddings } of embedder.encode(source(), options)) data.push(...embeddings.data)
    return { data: Float32Array.from(data) }
  }

  async untilWorkers(count: number): Promise<void> {
    const end = performance.now() + HUNG_MS
    while (this.workers.length < count && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /**
   * Runs the cell to its end, and then one call more that must succeed wherever it can.
   *
   * @returns What became of all calls.
   */
  async run(): Promise<CellResult> {
    const calls = [...(await this.#cell.run(this))]
    const [embedder] = this.#embedders
    const isWell = this.#cell.plans.at(-1)?.includes('run=') !== true
    const first = await Promise.all(calls.map((call) => judge(call)))
    const isDisposed = calls.some(({ outcome }) => outcome === 'disposed')
    const next = embedder !== undefined && isWell && !isDisposed ? [this.call(embedder, TEXTS, 'value')] : []
    const verdicts = [...first, ...(await Promise.all(next.map((call) => judge(call))))]
    await Promise.all(this.#embedders.map((used) => used.dispose()))
    for (const worker of this.workers) worker.terminate()
    const hung = verdicts.filter((verdict) => verdict === 'hung').length
    const lost = verdicts.filter((verdict) => verdict !== 'hung' && verdict !== 'good')
    return { calls: verdicts.length, settled: verdicts.length - hung, hung, lost }
  }

  #spawn(): Worker {
    const { plans } = this.#cell
    const query = plans[Math.min(this.workers.length, plans.length - 1)] ?? ''
    const url = `/nestling-dist-test/faulty-worker.js?${query.replace('TOKENS', String(this.#model.poisonTokens))}`
    const worker = new Worker(url, { type: 'module' })
    this.workers.push(worker)
    return worker
  }
}

/** `good`, `hung`, or what was wrong. */
async function judge({ promise, outcome, expected }: FaultCall): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'hung'>((resolve) => {
    timer = setTimeout(resolve, HUNG_MS, 'hung')
  })
  const settled = promise.then(
    (value) => (outcome === 'value' ? compare(value, expected) : `a value in place of ${outcome}`),
    (error: unknown) => {
      const found = nameOf(error)
      return found === outcome ? 'good' : `${found} in place of ${outcome}: ${String(error)}`
    },
  )
  const verdict = await Promise.race([settled, late])
  clearTimeout(timer)
  return verdict
}

function nameOf(error: unknown): string {
  if (isEmbedderError(error)) return error.code
  return error instanceof DOMException && error.name === 'AbortError' ? 'abort' : 'an error without a type'
}

function compare(value: unknown, expected: Float32Array | undefined): string {
  const { data } = value as Pick<Embeddings, 'data'>
  if (data.length !== expected?.length) return `${data.length} numbers in place of ${expected?.length ?? 0}`
  const worst = data.reduce((most, number, index) => Math.max(most, Math.abs(number - (expected[index] ?? NaN))), 0)
  return worst <= TOLERANCE ? 'good' : `vectors that differ by ${worst}`
}
