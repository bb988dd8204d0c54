import type { Device, Dtype } from '../../src/wire/protocol.js'

/** A way to run a model, such as `webgpu-fp16`. */
export type FaultTarget = `${Device}-${Dtype}`

/** What can go wrong in a run. */
export const RUN_FAULTS = [
  'throw',
  'out-of-memory',
  'nan',
  'zeros',
  'block',
  'never',
  'uncaught',
  'close',
  'lose-device',
  'lose-together',
  'invalid',
] as const

/** One of {@link RUN_FAULTS}. */
export type RunFault = (typeof RUN_FAULTS)[number]

/** What goes wrong, and where: the same plan always fails in the same way. */
export interface FaultPlan {
  /** Ways to run, or engines by name, whose vectors have the right length and point elsewhere. */
  readonly wrong: readonly string[]
  /** Whether a fallback adapter counts as hardware, and has `shader-f16`. */
  readonly isHardware: boolean
  /** Whether engines compute in float16 wherever they run: onnxruntime inserts casts on the CPU. */
  readonly isFloat16: boolean
  /** What goes wrong in runs after the load. */
  readonly run: RunFault | undefined
  /** In how many runs. */
  readonly count: number
  /** Only runs with a text of so many tokens go wrong. */
  readonly tokens: number | undefined
  /** What goes wrong in the load: no session, no memory, the worker's end, a worker that is stuck. */
  readonly load: 'session' | 'out-of-memory' | 'uncaught' | 'block' | 'never' | undefined
  /** Whether nothing can be written to IndexedDB. */
  readonly isQuotaExceeded: boolean
  /** Milliseconds that each run takes longer. */
  readonly delayMs: number
}

/**
 * Reads a plan from a worker's URL: `?wrong=webgpu-fp16,webgpu-fp32&hardware=1` or `?run=nan&count=2`.
 *
 * @param query - The part from the question mark on.
 */
export function readFaultPlan(query: string): FaultPlan {
  const values = new URLSearchParams(query)
  const number = (name: string): number | undefined => (values.has(name) ? Number(values.get(name)) : undefined)
  return {
    wrong: values.get('wrong')?.split(',') ?? [],
    isHardware: values.has('hardware'),
    isFloat16: values.has('float16'),
    run: (values.get('run') ?? undefined) as FaultPlan['run'],
    count: number('count') ?? Infinity,
    tokens: number('tokens'),
    load: (values.get('load') ?? undefined) as FaultPlan['load'],
    isQuotaExceeded: values.has('quota'),
    delayMs: number('delay') ?? 0,
  }
}
