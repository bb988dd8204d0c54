import type { EncoderBatch, Engine } from '../../src/engine/engine.js'
import type { Device, Dtype, EngineName, RuntimeName } from '../../src/wire/protocol.js'
import type { FaultPlan, FaultTarget } from './fault-plan.js'
import type { RunFaults } from './run-faults.js'

/** What spoils an engine. */
export interface EngineFaults {
  readonly plan: FaultPlan
  readonly runs: RunFaults
}

/** Runs a real engine and spoils what it gives, as a plan says. */
export class FaultyEngine implements Engine {
  readonly name: EngineName
  readonly device: Device
  readonly runtime: RuntimeName
  readonly dtype: Dtype
  readonly threads: number
  readonly shared: Engine['shared']
  readonly concurrency: number
  readonly #engine: Engine
  readonly #faults: EngineFaults

  /**
   * Takes an engine over.
   *
   * @param faults - What goes wrong.
   * @param dtype - What it says that it computes with.
   */
  constructor(engine: Engine, faults: EngineFaults, dtype: Dtype = engine.dtype) {
    this.name = engine.name
    this.device = engine.device
    this.runtime = engine.runtime
    this.threads = engine.threads
    this.shared = engine.shared
    this.concurrency = engine.concurrency ?? 1
    this.dtype = dtype
    this.#engine = engine
    this.#faults = faults
  }

  /** {@inheritDoc Engine.run} */
  async run(batch: EncoderBatch): Promise<Float32Array<ArrayBuffer>> {
    const vectors = await this.#faults.runs.run(batch, () => this.#engine.run(batch))
    const target: FaultTarget = `${this.device}-${this.dtype}`
    const { wrong } = this.#faults.plan
    return wrong.includes(target) || wrong.includes(this.name) ? turnedAway(vectors, batch.count) : vectors
  }

  /** {@inheritDoc Engine.dispose} */
  dispose(): Promise<void> {
    return this.#engine.dispose()
  }
}

/** Each component takes its neighbour's place: the norm stays as it was, the direction does not. */
function turnedAway(vectors: Float32Array<ArrayBuffer>, count: number): Float32Array<ArrayBuffer> {
  const dim = vectors.length / count
  return vectors.map((_, index) => {
    const start = index - (index % dim)
    return vectors[start + ((index + 1) % dim)] ?? NaN
  })
}
