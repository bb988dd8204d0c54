/** Whether the vectors of a loaded model were compared with known ones, and how near they are. */
export interface Verification {
  /** Whether they were, and are near enough. */
  readonly verified: boolean
  /** Why, or why not: a sentence for a person. */
  readonly reason: string
  /**
   * What they were compared with: `golden` vectors of the model package, made in Python, a `reference` made here in float32 on
   * WASM, or `none`.
   */
  readonly source: 'golden' | 'reference' | 'none'
  /** Lowest cosine of all texts and dims; `undefined` where nothing was compared. */
  readonly minCosine: number | undefined
  /** Mean cosine of the dim where it is lowest. */
  readonly meanCosine: number | undefined
  /** Dims that were compared, the largest first. */
  readonly dims: readonly number[]
  /** Texts that were compared. */
  readonly texts: number
  /** Milliseconds that it took, 0 where the verdict was remembered. */
  readonly durationMs: number
  /** Whether an earlier load with the same adapter, browser, runtime and weights did it. */
  readonly isRemembered: boolean
}

/** How long a short trial took on both devices: one query of 16 tokens and one batch of eight texts with 32. */
export interface DeviceSpeed {
  /** Milliseconds on WebGPU. */
  readonly webgpuMs: number
  /** Milliseconds on WASM. */
  readonly wasmMs: number
  /** Whether an earlier load measured it. */
  readonly isRemembered: boolean
}

/** What is kept of a model between visits. */
export interface CacheReport {
  /** Where records are: `files` on Node, `memory` where the browser has no storage here, `off` where nothing was to be kept. */
  readonly storage: 'indexeddb' | 'files' | 'memory' | 'off'
  /** Why records are only in memory, or the model is not stored; `undefined` where all is as asked for. */
  readonly reason: string | undefined
  /**
   * Where the model's files came from: the store (`stored`), their server and then into the store (`downloaded`), their server alone
   * (`not-stored`), or this machine (`local`).
   */
  readonly weights: 'stored' | 'downloaded' | 'not-stored' | 'local'
  /** Whether the browser promised not to delete it when space runs low; `undefined` where it does not tell. */
  readonly isPersisted: boolean | undefined
  /** Bytes that all of the origin's storage takes; `undefined` where the browser does not tell. */
  readonly usageBytes: number | undefined
  /** Bytes that it may take. */
  readonly quotaBytes: number | undefined
}

/** What the worker found out about WebGPU. */
export interface WebGpuProbe {
  /** Whether WebGPU can be used. */
  readonly isAvailable: boolean
  /** Why it cannot. */
  readonly reason: string | undefined
  /** Whether the adapter computes on the CPU (SwiftShader, WARP): right, and about 100 times slower than a GPU. */
  readonly isFallbackAdapter: boolean
  /** Whether shaders may compute in float16. */
  readonly hasShaderF16: boolean
  /** Who made the adapter; empty where the browser does not tell. */
  readonly vendor: string
  /** Family of the adapter. */
  readonly architecture: string
  /** Its number at its vendor. */
  readonly device: string
  /** Its name. */
  readonly description: string
  /** Limits that matter for weights and activations, in bytes. */
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number }
  /** What a small computation with a known result gave; `skipped` where the adapter would not be used anyway. */
  readonly compute: 'passed' | 'failed' | 'skipped'
}

/** What the worker found out about its surroundings before it chose a device. */
export interface DeviceProbe {
  readonly webgpu: WebGpuProbe
  /** What WebAssembly can do here. */
  readonly wasm: { readonly hasSimd: boolean; readonly hasRelaxedSimd: boolean; readonly hasJspi: boolean }
  /** Cores that the browser tells of. */
  readonly hardwareConcurrency: number
  /** Whether memory may be shared with threads; always on Node. */
  readonly isCrossOriginIsolated: boolean
  /** Memory of the machine: `low` up to 2 GB, `medium` up to 4 GB, `high` above, `unknown` where the browser does not tell. */
  readonly memoryTier: 'low' | 'medium' | 'high' | 'unknown'
}
