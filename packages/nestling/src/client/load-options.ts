import type { Dtype, EngineName, RuntimeName } from '../wire/protocol.js'
import type { ProgressListener } from '../wire/progress.js'
import type { WarningListener } from '../wire/warning.js'
import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkType,
  show,
  VALUE_TYPES,
  type KnownKeys,
} from './check-options.js'
import { resolveHubOptions, type HubOptions } from './hub-options.js'
import { SILENCE_LIMITS, type SilenceLimits } from './recovery.js'

/** Options of `load`. */
export interface LoadOptions {
  /**
   * Where the model runs. `auto` takes WebGPU where a hardware adapter answers, WASM elsewhere; `embedder.report` says why.
   *
   * @defaultValue 'auto'
   */
  readonly device?: 'auto' | 'webgpu' | 'wasm' | undefined
  /**
   * What runs it. `onnx` takes `model.safetensors` to onnxruntime-web, for the architectures that we know. `transformers` takes the
   * folder's `onnx/` files to transformers.js, whatever the architecture is; our bundle of it is only loaded then. `auto` is `onnx`.
   *
   * @defaultValue 'auto'
   */
  readonly engine?: 'auto' | EngineName | undefined
  /**
   * What is computed with, on the engine `transformers`: `fp32` takes `onnx/model.onnx`, `fp16` `model_fp16.onnx`, `q8`
   * `model_quantized.onnx`, `q4` `model_q4.onnx`. `auto` takes `q8` on WASM and `fp32` on WebGPU, else the first that is there. Other
   * engines compute in `fp32`. Vectors of different dtypes are of different spaces and cannot be compared.
   *
   * @defaultValue 'auto'
   */
  readonly dtype?: 'auto' | Dtype | undefined
  /**
   * Components to keep of every vector, from the first on.
   *
   * @defaultValue what the folder says, else all
   */
  readonly truncateDim?: number | undefined
  /**
   * Dims that the model was trained for; another `truncateDim` raises the warning `dim-not-nested`.
   *
   * @defaultValue what the model package says, else nothing is checked
   */
  readonly nestedDims?: readonly number[] | undefined
  /** Folder that holds `worker.js` and `runtime/`, when they are not beside the module: a CDN path, an extension's folder. */
  readonly assetBaseUrl?: string | URL | undefined
  /** The worker's script, when only that lies elsewhere. Same origin as the page. */
  readonly workerUrl?: string | URL | undefined
  /**
   * A worker that runs the script, or a function that starts one. The embedder owns it from then on and ends it. Only a function can
   * give another worker in place of one that crashed or was unloaded.
   */
  readonly worker?: Worker | (() => Worker) | undefined
  /**
   * Milliseconds without a call after which the model is unloaded and its memory given back; the next call loads it again.
   *
   * @defaultValue never
   */
  readonly idleTimeoutMs?: number | undefined
  /**
   * Branch, tag or commit of a hub id.
   *
   * @defaultValue 'main'
   */
  readonly revision?: string | undefined
  /**
   * Access token for a hub id. It goes to the endpoint's origin in one header and nowhere else: it is not stored, not in an error
   * and not sent on to where the hub redirects.
   */
  readonly token?: string | undefined
  /**
   * URL of the hub.
   *
   * @defaultValue 'https://huggingface.co'
   */
  readonly endpoint?: string | URL | undefined
  /** Told about download, compile and warm-up. */
  readonly onProgress?: ProgressListener | undefined
  /** Told about each kind of warning once. They are also in `embedder.report.warnings`. */
  readonly onWarning?: WarningListener | undefined
  /** Ends the load; `load` rejects with its reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Forces a WebGPU build of onnxruntime-web, for tests.
   *
   * @internal
   */
  readonly runtime?: Exclude<RuntimeName, 'wasm'> | undefined
  /**
   * Shortens the waits for a silent worker, for tests.
   *
   * @internal
   */
  readonly limits?: Partial<SilenceLimits> | undefined
}

/** {@link LoadOptions} with every default filled in. */
export interface ResolvedLoadOptions {
  readonly device: 'auto' | 'webgpu' | 'wasm'
  readonly engine: EngineName
  readonly dtype: 'auto' | Dtype
  readonly truncateDim: number | undefined
  readonly nestedDims: readonly number[] | undefined
  readonly assetBaseUrl: string | undefined
  readonly workerUrl: string | undefined
  readonly worker: Worker | (() => Worker) | undefined
  readonly idleTimeoutMs: number | undefined
  readonly hub: HubOptions
  readonly onProgress: ProgressListener | undefined
  readonly onWarning: WarningListener | undefined
  readonly signal: AbortSignal | undefined
  readonly runtime: RuntimeName | undefined
  readonly limits: SilenceLimits
}

const KNOWN_KEYS: KnownKeys<LoadOptions> = {
  device: true,
  engine: true,
  dtype: true,
  truncateDim: true,
  nestedDims: true,
  assetBaseUrl: true,
  workerUrl: true,
  worker: true,
  idleTimeoutMs: true,
  revision: true,
  token: true,
  endpoint: true,
  onProgress: true,
  onWarning: true,
  signal: true,
  runtime: true,
  limits: true,
}

const WHAT = 'load a model'

/**
 * Checks options and fills in defaults.
 *
 * @param options - What the caller gave.
 * @returns Values that inner code can rely on.
 * @throws {TypeError} If an option does not exist or has the wrong type.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveLoadOptions(options: LoadOptions): ResolvedLoadOptions {
  checkKeys(WHAT, options, KNOWN_KEYS)
  const engine = resolveEngine(options.engine)
  return {
    device: checkOneOf(WHAT, 'device', options.device, ['auto', 'webgpu', 'wasm']),
    engine,
    dtype: resolveDtype(options.dtype, engine),
    truncateDim: checkPositiveInteger(WHAT, 'truncateDim', options.truncateDim),
    nestedDims: resolveNestedDims(options.nestedDims),
    assetBaseUrl: resolveFolder(options.assetBaseUrl),
    workerUrl: resolveUrl('workerUrl', options.workerUrl),
    worker: checkType(WHAT, 'worker', options.worker, VALUE_TYPES.worker),
    idleTimeoutMs: checkPositiveInteger(WHAT, 'idleTimeoutMs', options.idleTimeoutMs),
    hub: resolveHubOptions(options),
    onProgress: checkType(WHAT, 'onProgress', options.onProgress, VALUE_TYPES.function),
    onWarning: checkType(WHAT, 'onWarning', options.onWarning, VALUE_TYPES.function),
    signal: checkType(WHAT, 'signal', options.signal, VALUE_TYPES.signal),
    runtime:
      options.runtime === undefined ? undefined : checkOneOf(WHAT, 'runtime', options.runtime, ['jspi', 'asyncify']),
    limits: { ...SILENCE_LIMITS, ...options.limits },
  }
}

function resolveEngine(value: LoadOptions['engine']): EngineName {
  const engine = checkOneOf(WHAT, 'engine', value, ['auto', 'onnx', 'transformers'])
  return engine === 'auto' ? 'onnx' : engine
}

function resolveDtype(value: LoadOptions['dtype'], engine: EngineName): 'auto' | Dtype {
  const dtype = checkOneOf(WHAT, 'dtype', value, ['auto', 'fp32', 'fp16', 'q8', 'q4'])
  if (engine === 'transformers' || dtype === 'auto' || dtype === 'fp32') return dtype
  throw new TypeError(
    `Cannot ${WHAT} as dtype must be auto or fp32 on the engine ${engine}: current value is ${show(dtype)}\nLoad it with engine: 'transformers' if the folder has onnx/ files`,
  )
}

function resolveNestedDims(dims: readonly number[] | undefined): readonly number[] | undefined {
  if (dims === undefined) return undefined
  if (!(Array.isArray as (value: unknown) => boolean)(dims)) {
    throw new TypeError(
      `Cannot ${WHAT} as nestedDims must be a list of positive integers: current value is ${show(dims)}`,
    )
  }
  for (const dim of dims) checkPositiveInteger(WHAT, 'nestedDims', dim)
  return dims
}

function resolveFolder(base: string | URL | undefined): string | undefined {
  const url = resolveUrl('assetBaseUrl', base)
  return url === undefined || url.endsWith('/') ? url : `${url}/`
}

function resolveUrl(name: string, value: string | URL | undefined): string | undefined {
  if (value === undefined) return undefined
  try {
    return new URL(value, globalThis.location.href).href
  } catch {
    throw new TypeError(`Cannot ${WHAT} as ${name} must be a URL: current value is ${show(value)}`)
  }
}
