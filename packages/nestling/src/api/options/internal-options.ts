import type { SilenceLimits } from '../../host/limits.js'
import type { OnnxBuild } from '../../wire/protocol.js'

/** The door for tests among the options of `load`. A symbol: no list of options shows it, and nobody finds it by a slip. */
const INTERNAL: unique symbol = Symbol.for('nestling.internal')

/** What tests may change of a load, and no page needs to. */
export interface InternalOptions {
  /** Forces a WebGPU build of onnxruntime-web. */
  readonly runtime?: Exclude<OnnxBuild, 'wasm'> | undefined
  /** Shortens the waits for a silent worker. */
  readonly limits?: Partial<SilenceLimits> | undefined
}

/** Gives what a test put among options. */
export function internalOptions(options: object): InternalOptions {
  return (options as { readonly [INTERNAL]?: InternalOptions })[INTERNAL] ?? {}
}
