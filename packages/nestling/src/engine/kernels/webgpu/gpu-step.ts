import type { GpuScratchName } from './gpu-scratch.js'

/** How much a run computes. */
export interface RunSize {
  /** Tokens. */
  readonly rows: number
  readonly texts: number
  /** Parts of texts that attention works on. */
  readonly blocks: number
}

/** A program for the GPU. */
export interface Kernel {
  /** WGSL. */
  readonly code: string
  /** Workgroups that a run needs, along x and y. */
  readonly groups: (size: RunSize) => readonly [number, number]
}

/** What a kernel reads or writes: a buffer, or one by its name that grows with runs. */
export interface GpuBinding {
  readonly buffer: GPUBuffer | GpuScratchName
  readonly isWritten?: boolean
}

/** One dispatch. */
export interface GpuStep {
  /** Names it in error messages and profiles. */
  readonly label: string
  /** For a few rows, and for more. */
  readonly kernels: { readonly few: Kernel; readonly bulk: Kernel }
  /** Whether rows or texts decide how many there are. */
  readonly counts: 'rows' | 'texts'
  /** What the kernel is told, see its `FIELDS`. */
  readonly parameters: Uint32Array<ArrayBuffer>
  /** From binding 2 on: 0 is what a run is told, 1 are the parameters. */
  readonly bindings: readonly GpuBinding[]
}

/**
 * Lays out what a kernel is told.
 *
 * @param fields - Names of unsigned integers, in order.
 * @param values - One each.
 * @param floats - Numbers of float32 that follow.
 */
export function parametersOf<Name extends string>(
  fields: readonly Name[],
  values: Readonly<Record<Name, number>>,
  floats: readonly number[] = [],
): Uint32Array<ArrayBuffer> {
  const parameters = new Uint32Array(4 * Math.ceil((fields.length + floats.length) / 4))
  fields.forEach((name, index) => (parameters[index] = values[name]))
  new Float32Array(parameters.buffer).set(floats, fields.length)
  return parameters
}
