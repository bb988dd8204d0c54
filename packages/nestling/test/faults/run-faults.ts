import type { EncoderBatch } from '../../src/engine/engine.js'
import type { FaultPlan, RunFault } from './fault-plan.js'

/** Long enough for every watchdog; a worker that is blocked is ended from outside. */
const BLOCK_MS = 600_000

const devices: GPUDevice[] = []

/** Remembers every GPU device from now on, so that one can be lost. */
export function rememberDevices(): void {
  if (typeof GPUAdapter === 'undefined') return
  const prototype = GPUAdapter.prototype
  const request = prototype.requestDevice
  prototype.requestDevice = async function (descriptor) {
    const device = await request.call(this, descriptor)
    devices.push(device)
    return device
  }
}

function loseDevices(): void {
  for (const device of devices) device.destroy()
}

/** Keeps the worker busy so that it hears nothing. */
export function block(): void {
  const end = performance.now() + BLOCK_MS
  while (performance.now() < end);
}

/** Ends the worker with an error that nobody catches. */
export function throwUncaught(): void {
  setTimeout(() => {
    throw new Error('uncaught on purpose')
  })
}

/** Waits for ever. */
export function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** Decides which runs go wrong, and makes them. */
export class RunFaults {
  readonly #plan: FaultPlan
  #left: number
  #inFlight = 0
  /** Set once the model is loaded: warm-up and certificate have faults of their own. */
  isArmed = false

  /** Follows a plan. */
  constructor(plan: FaultPlan) {
    this.#plan = plan
    this.#left = plan.count
  }

  /**
   * Runs a batch, or lets it go wrong.
   *
   * @returns Vectors.
   */
  async run(batch: EncoderBatch, run: () => Promise<Float32Array<ArrayBuffer>>): Promise<Float32Array<ArrayBuffer>> {
    this.#inFlight++
    try {
      return await this.#run(batch, run)
    } finally {
      this.#inFlight--
    }
  }

  async #run(batch: EncoderBatch, run: () => Promise<Float32Array<ArrayBuffer>>): Promise<Float32Array<ArrayBuffer>> {
    const { delayMs, tokens } = this.#plan
    const fault = this.#plan.run
    if (this.isArmed && delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    const isHit = tokens === undefined || batch.lengths.includes(tokens)
    if (!this.isArmed || fault === undefined || !isHit || this.#left <= 0) return run()
    this.#left--
    if (fault === 'lose-together') return this.#loseTogether(run)
    return goWrong(fault, run)
  }

  /** Loses the device once two runs are in flight. */
  async #loseTogether(run: () => Promise<Float32Array<ArrayBuffer>>): Promise<Float32Array<ArrayBuffer>> {
    const end = performance.now() + OTHER_MS
    const waiting = async (): Promise<void> => {
      while (this.#inFlight < 2 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await waiting()
    const running = run()
    loseDevices()
    return running
  }
}

/** Waits for another run this long: where none comes, one is lost alone. */
const OTHER_MS = 1000

async function goWrong(
  fault: Exclude<RunFault, 'lose-together'>,
  run: () => Promise<Float32Array<ArrayBuffer>>,
): Promise<Float32Array<ArrayBuffer>> {
  switch (fault) {
    case 'throw':
      throw new Error('a run failed on purpose')
    case 'out-of-memory':
      throw new RangeError('Array buffer allocation failed')
    case 'nan':
      return (await run()).fill(NaN, 0, 1)
    case 'zeros':
      return (await run()).fill(0)
    case 'block':
      block()
      return run()
    case 'never':
      return never()
    case 'uncaught':
      throwUncaught()
      return never()
    case 'close':
      globalThis.close()
      return never()
    case 'lose-device': {
      const running = run()
      loseDevices()
      return running
    }
    case 'invalid':
      // A buffer without any use, which an error scope of nobody hears of.
      for (const device of devices) device.createBuffer({ size: 4, usage: 0 })
      return run()
  }
}
