import type { Device, Dtype } from '../wire/protocol.js'

/** A way to run a model, such as `webgpu-fp16`. */
export type FaultTarget = `${Device}-${Dtype}`

/** What goes wrong, and where: the same plan always fails in the same way. */
export interface FaultPlan {
  /** Engines whose vectors have the right length and point elsewhere. */
  readonly wrong: readonly string[]
  /** Whether a fallback adapter counts as hardware, and has `shader-f16`. */
  readonly isHardware: boolean
  /** Whether engines compute in float16 wherever they run: onnxruntime inserts casts on the CPU. */
  readonly isFloat16: boolean
}

/**
 * Reads a plan from a worker's URL: `?wrong=webgpu-fp16,webgpu-fp32&hardware=1`.
 *
 * @param query - The part from the question mark on.
 * @returns The plan.
 */
export function readFaultPlan(query: string): FaultPlan {
  const values = new URLSearchParams(query)
  const list = (name: string): readonly string[] => values.get(name)?.split(',') ?? []
  return { wrong: list('wrong'), isHardware: values.has('hardware'), isFloat16: values.has('float16') }
}
