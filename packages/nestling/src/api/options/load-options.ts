import type { CacheRequest, Dtype, EngineName, OnnxBuild } from '../../wire/protocol.js'
import type { ProgressListener } from '../../wire/progress.js'
import type { WarningListener } from '../../wire/warning.js'
import {
  checkKeys,
  checkOneOf,
  checkPositiveInteger,
  checkSignal,
  checkType,
  type KnownKeys,
  type ValueType,
} from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { resolveCacheOptions, type CacheOptions } from './cache-options.js'
import { resolveHubOptions, type HubOptions } from './hub-options.js'
import { pageUrl } from '@nestling/kit/worker/page-url'
import { SILENCE_LIMITS, type SilenceLimits } from '../../host/limits.js'
import { internalOptions } from './internal-options.js'

/** Chooses how `load` works. */
export interface LoadOptions {
  /**
   * Where the model runs. `auto` takes WebGPU where a hardware adapter answers, its vectors are right and it is faster than WASM for this
   * model in a short trial at the first load, else WASM; `embedder.report` says why, and `report.speed` both times.
   *
   * @defaultValue 'auto'
   */
  readonly device?: 'auto' | 'webgpu' | 'wasm' | undefined
  /**
   * What runs it. `kernels` takes `model.safetensors` to our own kernels, in WGSL on WebGPU and with SIMD on WASM (15 kB, one thread). `onnx`
   * takes it to onnxruntime-web, on WebGPU or WASM. Both know the same architectures. `transformers` takes the folder's `onnx/` files to
   * transformers.js, whatever the architecture is; our bundle of it is only loaded then.
   *
   * `nestling` brings `kernels` alone, which is its `auto`; other engines are for `nestling/onnx`, or need `assetBaseUrl` of a folder that
   * `npx nestling copy-assets --onnx` or `--transformers` filled. The `auto` of `nestling/onnx` goes on to `onnx` where the kernels fail, or
   * WebAssembly has no SIMD.
   *
   * @defaultValue 'auto'
   */
  readonly engine?: 'auto' | EngineName | undefined
  /**
   * What is computed with, on the engine `transformers`: `fp32` takes `onnx/model.onnx`, `fp16` `model_fp16.onnx`, `q8`
   * `model_quantized.onnx`, `q4` `model_q4.onnx`. `auto` takes `q8` on WASM and `fp32` on WebGPU, else the first that is there. Vectors
   * of different dtypes are of different spaces there and cannot be compared.
   *
   * The engine `onnx` computes in `fp32`, or in `fp16` on WebGPU where that is asked for and the adapter has `shader-f16`; `auto` is
   * `fp32`. Where fp16 cannot be had, it computes in `fp32` and raises the warning `device-fallback`.
   *
   * The engine `kernels` computes in `q8`, int8 weights with 7-bit activations on WASM and float32 ones on WebGPU, or in `fp32`, or in `fp16`
   * as `onnx` does; `auto` is `q8` where the folder's layers are stored in int8, as those of `@nestling/minilm-l6` are, else `fp32`. `q8` on
   * float32 weights quantises them at load. These dtypes are of one space: vectors may be compared.
   *
   * @defaultValue 'auto'
   */
  readonly dtype?: 'auto' | Dtype | undefined
  /**
   * Components to keep of every vector, from the first on. More than the model gives keeps all and raises the warning `dim-beyond-model`.
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
  /**
   * Whether the vectors are compared with known ones at load. `auto` does so where the model package brings golden vectors. `full`
   * makes vectors in float32 on WASM where it brings none and WebGPU is to be checked: once, as they are remembered, but it holds the
   * weights twice and takes longer (and downloads a second runtime of 14 MB on the engine `onnx`). `off` compares nothing. What came of
   * it is in `embedder.report.verification`.
   *
   * @defaultValue 'auto'
   */
  readonly verify?: 'auto' | 'full' | 'off' | undefined
  /**
   * Folder that `npx nestling copy-assets` filled with `worker.js` and `runtime/`, when they are not beside the module. Browsers start no
   * worker of another origin: where the folder has one, give `workerUrl` too, and let its server allow this origin (CORS).
   */
  readonly assetBaseUrl?: string | URL | undefined
  /** The worker's script, when only that lies elsewhere. Same origin as the page. */
  readonly workerUrl?: string | URL | undefined
  /**
   * A worker that runs the script, or a function that starts one. The embedder owns it from then on and ends it. Only a function can
   * give another worker in place of one that crashed or was unloaded.
   */
  readonly worker?: Worker | (() => Worker) | undefined
  /**
   * Most workers that share bulk work on the engine `kernels`; everywhere else there is one. Those beside the first are started by the
   * first list that is long enough, hold the model once more each unless the page is cross-origin isolated, and end after half a minute
   * without bulk work. `auto` is one a core, up to 4, and 1 where memory is at most 2 GB.
   *
   * @defaultValue 'auto', or 1 where the option `worker` is a single worker
   */
  readonly workers?: number | 'auto' | undefined
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
  /**
   * What is kept between visits, in IndexedDB or, on Node, in files; `false` reads and stores nothing. What came of it is in `embedder.report.cache`.
   *
   * @defaultValue the model is kept, embeddings are not
   */
  readonly cache?: CacheOptions | false | undefined
  /** Told about download, compile and warm-up. */
  readonly onProgress?: ProgressListener | undefined
  /** Told about each kind of warning once. They are also in `embedder.report.warnings`. */
  readonly onWarning?: WarningListener | undefined
  /** Ends the load; `load` rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** {@link LoadOptions} with every default filled in. */
export interface ResolvedLoadOptions {
  readonly device: 'auto' | 'webgpu' | 'wasm'
  readonly engine: 'auto' | EngineName
  readonly dtype: 'auto' | Dtype
  readonly truncateDim: number | undefined
  readonly nestedDims: readonly number[] | undefined
  readonly verify: 'auto' | 'full' | 'off'
  readonly assetBaseUrl: string | undefined
  readonly workerUrl: string | undefined
  readonly worker: Worker | (() => Worker) | undefined
  readonly workers: number | 'auto'
  readonly idleTimeoutMs: number | undefined
  readonly hub: HubOptions
  readonly cache: CacheRequest
  readonly onProgress: ProgressListener | undefined
  readonly onWarning: WarningListener | undefined
  readonly signal: AbortSignal | undefined
  readonly runtime: OnnxBuild | undefined
  readonly limits: SilenceLimits
}

const KNOWN_KEYS: KnownKeys<LoadOptions> = {
  device: true,
  engine: true,
  dtype: true,
  truncateDim: true,
  nestedDims: true,
  verify: true,
  assetBaseUrl: true,
  workerUrl: true,
  worker: true,
  workers: true,
  idleTimeoutMs: true,
  revision: true,
  token: true,
  endpoint: true,
  cache: true,
  onProgress: true,
  onWarning: true,
  signal: true,
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
  const { runtime, limits } = internalOptions(options)
  const engine = checkOneOf(WHAT, 'engine', options.engine, ['auto', 'onnx', 'kernels', 'transformers']) ?? 'auto'
  return {
    device: checkOneOf(WHAT, 'device', options.device, ['auto', 'webgpu', 'wasm']) ?? 'auto',
    engine,
    dtype: resolveDtype(options, engine),
    truncateDim: checkPositiveInteger(WHAT, 'truncateDim', options.truncateDim),
    nestedDims: resolveNestedDims(options.nestedDims),
    verify: checkOneOf(WHAT, 'verify', options.verify, ['auto', 'full', 'off']) ?? 'auto',
    assetBaseUrl: resolveFolder(options.assetBaseUrl),
    workerUrl: resolveUrl('workerUrl', options.workerUrl),
    worker: checkType(WHAT, 'worker', options.worker, WORKER),
    workers: resolveWorkers(options),
    idleTimeoutMs: resolveIdleTimeout(options.idleTimeoutMs),
    hub: resolveHubOptions(options),
    cache: resolveCacheOptions(options.cache),
    onProgress: checkType(WHAT, 'onProgress', options.onProgress, 'function'),
    onWarning: checkType(WHAT, 'onWarning', options.onWarning, 'function'),
    signal: checkSignal(WHAT, options.signal),
    runtime,
    limits: { ...SILENCE_LIMITS, ...limits },
  }
}

/** What the option `worker` may be. */
const WORKER: ValueType = {
  words: 'a Worker or a function that gives one',
  has: (value) => typeof value === 'function' || (typeof Worker !== 'undefined' && value instanceof Worker),
}

/** Timers count in 32 bits, and fire at once beyond. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

function resolveIdleTimeout(value: number | undefined): number | undefined {
  const timeoutMs = checkPositiveInteger(WHAT, 'idleTimeoutMs', value)
  if (timeoutMs === undefined || timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs
  throw new RangeError(
    `Cannot ${WHAT} as idleTimeoutMs must be at most ${MAX_TIMEOUT_MS}: current value is ${timeoutMs}\nLeave it out to keep the model`,
  )
}

/** A single worker cannot be started a second time. */
function resolveWorkers({ worker, workers = 'auto' }: LoadOptions): number | 'auto' {
  const most = workers === 'auto' ? workers : (checkPositiveInteger(WHAT, 'workers', workers) as number)
  return typeof worker === 'object' ? 1 : most
}

/** What each engine computes with. */
const DTYPES = {
  onnx: { auto: ['fp32', 'fp16'], webgpu: ['fp32', 'fp16'], wasm: ['fp32'] },
  kernels: { auto: ['fp32', 'fp16', 'q8'], webgpu: ['fp32', 'fp16', 'q8'], wasm: ['fp32', 'q8'] },
  auto: { auto: ['fp32', 'fp16', 'q8'], webgpu: ['fp32', 'fp16', 'q8'], wasm: ['fp32', 'q8'] },
} as const

function resolveDtype(
  { dtype: value, device = 'auto' }: LoadOptions,
  engine: ResolvedLoadOptions['engine'],
): 'auto' | Dtype {
  const dtype = checkOneOf(WHAT, 'dtype', value, ['auto', 'fp32', 'fp16', 'q8', 'q4']) ?? 'auto'
  if (engine === 'transformers') return dtype
  const allowed: readonly string[] = ['auto', ...DTYPES[engine][device]]
  if (allowed.includes(dtype)) return dtype
  const where = device === 'auto' ? '' : ` and the device ${device}`
  throw new TypeError(
    `Cannot ${WHAT} as dtype must be one of ${allowed.join(', ')} on the engine ${engine}${where}: current value is ${show(dtype)}\nLoad it with engine: 'transformers' of nestling/onnx if the folder has onnx/ files of that dtype`,
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
    return pageUrl(value).href
  } catch {
    throw new TypeError(`Cannot ${WHAT} as ${name} must be a URL: current value is ${show(value)}`)
  }
}
