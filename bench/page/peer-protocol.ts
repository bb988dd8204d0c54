/** How texts are cut into calls of the pipeline: 32 in the given order, 32 of like length, or all at once. */
export type Batching = 'given' | 'sorted' | 'one-call'

/** What the peer computes with. */
export type PeerDtype = 'q8' | 'fp32'

/** Asks for the model. */
export interface PeerLoad {
  readonly kind: 'load'
  /** Origin of the model's files, with a slash at its end. */
  readonly host: string
  readonly model: string
  readonly dtype: PeerDtype
  readonly device: 'wasm' | 'webgpu'
  readonly threads: number
  /** URL of the folder of onnxruntime-web, with a slash at its end. */
  readonly wasmFolder: string
}

/** Asks for vectors. */
export interface PeerEncode {
  readonly kind: 'encode'
  readonly texts: readonly string[]
  readonly batching: Batching
}

/** A message to the worker. */
export interface PeerRequest {
  readonly id: number
  readonly work: PeerLoad | PeerEncode
}

/** The worker's answer. */
export interface PeerAnswer {
  readonly id: number
  readonly vectors: Float32Array<ArrayBuffer> | undefined
  readonly error: string | undefined
}
