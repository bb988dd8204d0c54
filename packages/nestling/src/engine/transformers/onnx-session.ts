import type { Dtype } from '../../wire/protocol.js'

/** What a session is made from. */
export interface OnnxSessionRequest {
  /** Values of config.json; `transformers.js_config` in it says whether weights lie in files of their own. */
  readonly config: Readonly<Record<string, unknown>>
  /** Chooses the file. */
  readonly dtype: Dtype
  /** Runs on this device; on the CPU without it. */
  readonly gpu: GPUDevice | undefined
  /** Threads that compute on the CPU. */
  readonly threads: number
  /** URLs of the runtime's loader and WebAssembly module. */
  readonly runtime: { readonly loader: string; readonly wasm: string }
  /** Reads a file of the model folder. */
  readonly read: (path: string) => Promise<Uint8Array<ArrayBuffer>>
}

/** One ONNX graph, ready to run. */
export interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Runs the graph with int64 matrices of one shape and gives one of its outputs in float32. */
  run(inputs: OnnxInputs, output: string): Promise<OnnxOutput>
  /** Releases the session. */
  dispose(): Promise<void>
}

/** Matrices by the names of the graph's inputs. */
export interface OnnxInputs {
  readonly dims: readonly [number, number]
  readonly data: Readonly<Record<string, BigInt64Array<ArrayBuffer>>>
}

/** One output of a graph. */
export interface OnnxOutput {
  readonly dims: readonly number[]
  readonly data: Float32Array<ArrayBuffer>
}

/** What the lazy bundle exports. */
export interface TransformersChunk {
  /** Opens a session. */
  readonly openOnnxSession: (request: OnnxSessionRequest) => Promise<OnnxSession>
}
