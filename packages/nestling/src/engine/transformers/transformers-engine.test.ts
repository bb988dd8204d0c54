import { describe, expect, it } from 'vitest'
import type { PoolingChain, TailSpec } from '../../model/encoder-spec.js'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { PendingCalls } from '@nestling/kit/worker/pending-calls'
import type { EncoderBatch } from '../engine.js'
import type { OnnxInputs, OnnxOutput, OnnxSession } from './onnx-session.js'
import type { OpenGraph } from './open-graph.js'
import { TransformersEngine } from './transformers-engine.js'

/** A graph whose hidden states are [id, -id, 2 * id] for each token. */
class FakeSession implements OnnxSession {
  readonly inputNames = ['input_ids']
  readonly outputNames = ['last_hidden_state']
  isBroken = false
  isReleased = false

  async run({ dims, data }: OnnxInputs): Promise<OnnxOutput> {
    if (this.isBroken) throw new Error('out of luck')
    const hidden = Array.from(data['input_ids'] ?? [], Number).flatMap((id) => [id, -id, 2 * id])
    return { dims: [...dims, 3], data: Float32Array.from(hidden) }
  }

  async dispose(): Promise<void> {
    this.isReleased = true
  }
}

const BATCH: EncoderBatch = {
  count: 2,
  seqLength: 2,
  ids: Int32Array.of(1, 3, 4, 100),
  lengths: Int32Array.of(2, 1),
  skippedTokens: 0,
}

function create(tail: readonly TailSpec[] = []): { engine: TransformersEngine; session: FakeSession } {
  const session = new FakeSession()
  const graph: OpenGraph = {
    session,
    output: { name: 'last_hidden_state', kind: 'hidden-states' },
    width: 3,
    device: 'wasm',
    runtime: 'wasm',
    dtype: 'q8',
    threads: 1,
    runs: new PendingCalls(),
    close: () => session.dispose(),
  }
  const chain: PoolingChain = { pooling: { modes: ['mean'], includePrompt: true }, tail, dim: 3 }
  return { session, engine: new TransformersEngine({ graph, chain, weightFiles: new Map() }) }
}

describe('TransformersEngine', () => {
  it('pools hidden states without padding', async () => {
    const { engine } = create()
    expect(Array.from(await engine.run(BATCH))).toEqual([2, -2, 4, 4, -4, 8])
  })

  it('runs the tail', async () => {
    const { engine } = create([{ kind: 'normalize' }])
    const third = Math.fround(1 / Math.sqrt(6))
    const expected = [third, -third, 2 * third, third, -third, 2 * third]
    for (const [index, value] of (await engine.run(BATCH)).entries())
      expect(value).toBeCloseTo(expected[index] ?? NaN, 6)
  })

  it('goes on after a failed run', async () => {
    const { engine, session } = create()
    session.isBroken = true
    const error: unknown = await engine.run(BATCH).catch((caught: unknown) => caught)
    expect(isEmbedderError(error, 'run-failed')).toBe(true)
    session.isBroken = false
    expect(await engine.run(BATCH)).toHaveLength(6)
  })

  it('says what it is, and releases its session', async () => {
    const { engine, session } = create()
    expect(engine).toMatchObject({ name: 'transformers', device: 'wasm', dtype: 'q8' })
    await engine.dispose()
    expect(session.isReleased).toBe(true)
  })
})
