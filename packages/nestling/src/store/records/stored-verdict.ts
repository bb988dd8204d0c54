import type { DeviceSpeed, Verification } from '../../wire/load-report.js'

/** What a certificate found on one adapter, browser, runtime and set of weights. */
export interface StoredVerdict {
  readonly isPassed: boolean
  readonly verification: Verification
  /** How long a trial took there and on WASM, where a GPU is taken only if it is faster. */
  readonly speed?: Pick<DeviceSpeed, 'webgpuMs' | 'wasmMs'> | undefined
  /** How products are cut there. */
  readonly tile?: string | undefined
}

/** Vectors that were made in float32 on WASM. */
export interface StoredReference {
  readonly dim: number
  /** `[texts, dim]`, row-major. */
  readonly vectors: Float32Array<ArrayBuffer>
}
