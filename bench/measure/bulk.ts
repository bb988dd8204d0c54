import type { Contender } from './contender.js'

/** How bulk work is measured. */
export interface BulkRequest {
  readonly texts: readonly string[]
  /** Texts of the first call after the load. */
  readonly coldTexts: number
  /** Turns with all texts that each contender gets. */
  readonly rounds: number
  /** Names of contenders that get one turn, as they take long. */
  readonly onceOnly?: readonly string[]
  /** Names of contenders that were used already, as they share a model with others: their first call would not be cold. */
  readonly withoutCold?: readonly string[]
  /** Told after each turn. */
  readonly onTurn?: (name: string, ms: number) => void
}

/** Measurements of one contender. */
export interface BulkResult {
  readonly name: string
  /** Milliseconds of the first call after the load, with `coldTexts` texts; `NaN` where there was none. */
  readonly coldMs: number
  /** Milliseconds of each later call, with all texts. */
  readonly warmMs: readonly number[]
  /** Vectors of the last call; `undefined` where it failed. */
  readonly vectors: Float32Array | undefined
  /** Why there are no measurements, or no more. */
  readonly failure: string | undefined
}

/** One contender while it is measured. */
interface Turns {
  readonly contender: Contender
  readonly warmMs: number[]
  coldMs: number
  vectors: Float32Array | undefined
  failure: string | undefined
}

/**
 * Measures how long contenders take for many texts. They take turns, so that what else the machine does falls on all alike.
 *
 * @param contenders - Loaded, and not used yet: the first call counts as cold.
 * @param request - Texts and rounds.
 * @param warmUp - Called after a contender's cold call.
 * @returns One result a contender.
 */
export async function measureBulk(
  contenders: readonly Contender[],
  request: BulkRequest,
  warmUp: (contender: Contender) => Promise<void> = () => Promise.resolve(),
): Promise<BulkResult[]> {
  const all = contenders.map((contender): Turns => {
    return { contender, warmMs: [], coldMs: NaN, vectors: undefined, failure: undefined }
  })
  for (const turns of all) {
    if (request.withoutCold?.includes(turns.contender.name) === true) continue
    await attempt(turns, async () => {
      const start = performance.now()
      await turns.contender.encode(request.texts.slice(0, request.coldTexts))
      turns.coldMs = performance.now() - start
      await warmUp(turns.contender)
    })
  }
  for (let round = 0; round < request.rounds; round++) {
    for (const turns of all) {
      const isDone = round > 0 && request.onceOnly?.includes(turns.contender.name) === true
      if (!isDone && turns.failure === undefined) await attempt(turns, () => takeTurn(turns, request))
    }
  }
  return all.map(({ contender, coldMs, warmMs, vectors, failure }) => {
    return { name: contender.name, coldMs, warmMs, vectors, failure }
  })
}

async function takeTurn(turns: Turns, { texts, onTurn }: BulkRequest): Promise<void> {
  const start = performance.now()
  turns.vectors = await turns.contender.encode(texts)
  const ms = performance.now() - start
  turns.warmMs.push(ms)
  onTurn?.(turns.contender.name, ms)
}

async function attempt(turns: Turns, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    turns.failure = String(error)
  }
}
