import type { EncoderBatch, Engine } from '../engine/engine.js'

/** A search box's query, and a page's passages: `[texts, tokens]`. */
const SHAPES = [
  [1, 16],
  [8, 32],
] as const

/** Runs of each, after one that warms up: the fastest counts, as a busy machine only makes them slower. */
const RUNS = 3

/** A trial ends here: whoever is so slow has lost. */
const LIMIT_MS = 300

/**
 * Measures how fast an engine is: the time of one query of 16 tokens and of one batch of eight texts with 32 tokens.
 *
 * @param maxSeqLength - Tokens that the model reads.
 * @returns Milliseconds of both together; of a trial that takes longer than 300 ms, what was measured until then.
 * @throws {EmbedderError} What the engine throws.
 */
export async function timeEngine(engine: Engine, maxSeqLength: number): Promise<number> {
  const endMs = performance.now() + LIMIT_MS
  let sum = 0
  for (const [count, tokens] of SHAPES) {
    const batch = batchOf(count, Math.min(tokens, maxSeqLength))
    let fastest = await timeRun(engine, batch)
    for (let run = 0; run < RUNS && performance.now() < endMs; run++) {
      fastest = Math.min(fastest, await timeRun(engine, batch))
    }
    sum += fastest
  }
  return sum
}

async function timeRun(engine: Engine, batch: EncoderBatch): Promise<number> {
  const startedMs = performance.now()
  await engine.run(batch)
  return performance.now() - startedMs
}

/** Which tokens they are makes no difference in time. */
function batchOf(count: number, seqLength: number): EncoderBatch {
  const lengths = new Int32Array(count).fill(seqLength)
  return { count, seqLength, ids: new Int32Array(count * seqLength), lengths, skippedTokens: 0 }
}
