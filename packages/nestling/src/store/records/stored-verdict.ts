import type { Verification } from '../../wire/load-report.js'

/** What a certificate found on one adapter, browser, runtime and set of weights. */
export interface StoredVerdict {
  readonly isPassed: boolean
  readonly verification: Verification
}

/** Vectors that were made in float32 on WASM. */
export interface StoredReference {
  readonly dim: number
  /** `[texts, dim]`, row-major. */
  readonly vectors: Float32Array<ArrayBuffer>
}
