import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import type { EmbedderStats } from './embedder-stats.js'
import type { CacheReport, DeviceProbe, DeviceSpeed, Verification } from './load-report.js'
import type { ProgressEvent } from './progress.js'
import type { EmbedderWarning } from './warning.js'

/** Where the model runs. */
export type Device = 'webgpu' | 'wasm'

/** What runs it. */
export type EngineName = 'onnx' | 'kernels' | 'transformers'

/** Type of the numbers that are computed with; `q8` and `q4` are integers with scales. */
export type Dtype = 'fp32' | 'fp16' | 'q8' | 'q4'

/** Builds of onnxruntime-web: `wasm` runs on the CPU, the others on WebGPU. */
export type OnnxBuild = 'wasm' | 'jspi' | 'asyncify'

/** Builds of our own kernels, for what WebAssembly can do here. */
export type KernelBuild = 'relaxed-simd' | 'simd'

/** What the model runs in. */
export type RuntimeName = OnnxBuild | KernelBuild | 'wgsl'

/** URLs of one build of onnxruntime-web. */
export interface RuntimeUrls {
  /** Our module that makes engines of the library (an ES module). */
  readonly engine: string
  /** The library (an ES module); on the engine `transformers`, our bundle of transformers.js, which holds it and makes engines of it. */
  readonly library: string
  /** The loader of the WebAssembly module (an ES module). */
  readonly loader: string
  /** The WebAssembly module. */
  readonly wasm: string
}

/** URLs of our kernels by build. */
export type KernelUrls = Readonly<Partial<Record<KernelBuild, string>>>

/** A file that the host has to read. */
export interface ModelFileRequest {
  readonly path: string
  readonly url?: string | undefined
  readonly text?: string | undefined
  readonly sizeBytes?: number | undefined
  readonly sha256?: string | undefined
}

/** Where the host finds the files of a model folder. */
export type ModelLocation =
  /** Listed one by one, as a model package does. */
  | { readonly kind: 'listed'; readonly name: string; readonly files: readonly ModelFileRequest[] }
  /** Below a URL. */
  | { readonly kind: 'url'; readonly name: string; readonly baseUrl: string }
  | HubLocation
  /** On this machine, or in memory: blobs by path. A structured clone of a blob copies none of its bytes. */
  | { readonly kind: 'blobs'; readonly name: string; readonly blobs: ReadonlyMap<string, Blob> }
  /** A folder that the user opened, or one of the origin private file system. */
  | { readonly kind: 'directory'; readonly name: string; readonly handle: FileSystemDirectoryHandle }

/** A repository of a hub, by its id. */
export interface HubLocation {
  readonly kind: 'hub'
  /** `owner/name` */
  readonly name: string
  /** URL of the hub, without a slash at the end. */
  readonly endpoint: string
  readonly revision: string
  /** Goes into one header of requests to the endpoint's origin, and nowhere else. */
  readonly token: string | undefined
}

/** What is kept between visits, and how. */
export interface CacheRequest {
  /** `auto` reads the model from the store where it is there, `reload` downloads it again, `only` never asks the network. */
  readonly weights: 'auto' | 'reload' | 'only' | 'off'
  /** What is done where there is no room for the model. */
  readonly onQuota: 'error' | 'memory' | 'evict'
  /** How many bytes of embeddings are kept; `undefined` for none. */
  readonly embeddings: { readonly maxBytes: number } | undefined
}

/** A model whose weights lie in memory that the workers of a page share; it lives as long as a worker or the page has it. */
export interface SharedModel {
  /** What one host tells others: the page hands it on and does not look into it. */
  readonly contents: unknown
  /** Lock that the page holds as long as it keeps this; a host that does not see it must not use the contents. */
  readonly witness?: string | undefined
}

/** What the host needs to load a model. */
export interface LoadRequest {
  readonly model: ModelLocation
  /** `auto` is ours to choose among `kernels` and `onnx`. */
  readonly engine: EngineName | 'auto'
  readonly device: Device | 'auto'
  readonly dtype: Dtype | 'auto'
  readonly runtimes: Readonly<Partial<Record<OnnxBuild, RuntimeUrls>>>
  readonly kernels: KernelUrls
  /** The same for a memory that workers share, where there may be several of them; left out where there is one. */
  readonly sharedKernels?: KernelUrls | undefined
  /** A model that another host has loaded: nothing of it is read again, and engine, device and dtype are those of that host. */
  readonly shared?: SharedModel | undefined
  /** Forces one WebGPU build; the choice is made by feature otherwise. */
  readonly runtime: OnnxBuild | undefined
  /** Whether vectors are compared with known ones, and whether these are made where there are none. */
  readonly verify: 'auto' | 'full' | 'off'
  /** Dims that are compared beside the full one. */
  readonly nestedDims: readonly number[] | undefined
  readonly cache: CacheRequest
}

/** What the page has to know of a loaded model. */
export interface LoadedModel {
  readonly spaceId: string
  readonly name: string
  /** Length of a vector before truncation. */
  readonly dim: number
  /** Tokens of a text that are used, special tokens included. */
  readonly maxSeqLength: number
  readonly similarityFunction: SimilarityFunction
  readonly prompts: Readonly<Record<string, string>>
  readonly defaultPromptName: string | null
  /** `truncate_dim` that the folder asks for. */
  readonly truncateDim: number | undefined
  readonly device: Device
  readonly engine: EngineName
  readonly runtime: RuntimeName
  readonly dtype: Dtype
  readonly threads: number
  readonly reasons: readonly string[]
  readonly warnings: readonly EmbedderWarning[]
  readonly verification: Verification
  readonly speed: DeviceSpeed | undefined
  readonly probe: DeviceProbe
  /** What is kept of it; whether the browser promised to keep it, the page finds out. */
  readonly cache: CacheReport
}

/** `interactive` texts run before `background` ones, from the next slice on. */
export type Priority = 'interactive' | 'background'

/** What is done with a text that has more tokens than the model reads. */
export type OnTruncate = 'truncate' | 'error' | 'chunk'

/** One portion of texts to encode. */
export interface EncodeRequest {
  /** Lets `cancel` and the answers find it. */
  readonly id: number
  readonly texts: readonly string[]
  readonly prompt: string
  readonly truncateDim: number | undefined
  readonly normalize: boolean
  readonly batchSize: number
  readonly priority: Priority
  readonly onTruncate: OnTruncate
  /** Components to keep of each vector in the embedding cache; `undefined` where that is neither read nor written. */
  readonly cacheDim: number | undefined
  /** Whether its texts share no batch with other requests: once a run failed, only the request at fault may fail again. */
  readonly isIsolated: boolean
}

/** Rows of one request, in the order in which they were done. */
export interface EncodedRows {
  /** The request. */
  readonly id: number
  /** Places of the texts in the request. */
  readonly indices: Int32Array<ArrayBuffer>
  /** `[indices, dim]`, row-major. */
  readonly data: Float32Array<ArrayBuffer>
  /** Tokens of each text before anything was cut, special tokens included. */
  readonly tokenCounts: Int32Array<ArrayBuffer>
}

/** Token ids of texts as the model reads them: truncated, with special tokens, without padding. */
export interface Tokens {
  /** One array of ids a text. */
  readonly ids: readonly Int32Array<ArrayBuffer>[]
  /** Whether the text was longer than the model reads. */
  readonly truncated: readonly boolean[]
}

/** One portion of texts to cut into chunks. */
export interface ChunkRequest {
  readonly texts: readonly string[]
  readonly prompt: string
  readonly maxTokens: number
  readonly overlapTokens: number
}

/** Chunks of one portion, packed: a long text has many. */
export interface Chunks {
  /** Chunks of each text. */
  readonly counts: Int32Array<ArrayBuffer>
  /** Start, end and tokens of each chunk in turn, row-major `[chunks, 3]`. */
  readonly spans: Int32Array<ArrayBuffer>
}

/** What the host tells while it works. */
export type HostEvent =
  | { readonly kind: 'load'; readonly progress: ProgressEvent }
  /** Work begins that keeps the host from answering; told where it may be long or a request is isolated. */
  | { readonly kind: 'slice'; readonly predictedMs: number; readonly ids: readonly number[] }
  | { readonly kind: 'rows'; readonly rows: readonly EncodedRows[] }
  /** A request ended without all of its rows. */
  | { readonly kind: 'failed'; readonly id: number; readonly error: unknown }
  /** A request with `onTruncate: 'error'` ended, as a text of it is too long. */
  | { readonly kind: 'too-long'; readonly id: number; readonly index: number; readonly tokenCount: number }
  /** Something that the caller should know although nothing failed. */
  | { readonly kind: 'warning'; readonly warning: EmbedderWarning }

/** The host as the page sees it, through Comlink or directly. */
export interface HostApi {
  /** Loads a model; once per host. */
  load(request: LoadRequest, onEvent: (event: HostEvent) => void): Promise<LoadedModel>
  /** Takes requests into the queue; their rows and failures come as events. */
  encode(requests: readonly EncodeRequest[]): Promise<void>
  /** Cuts texts into chunks that the model reads whole. */
  chunk(request: ChunkRequest): Promise<Chunks>
  /** Ends requests: nothing more is told of them. */
  cancel(ids: readonly number[]): void
  /** Tokenizes with the given prompt in front. */
  tokenize(texts: readonly string[], prompt: string): Promise<Tokens>
  /** Counts tokens before truncation, special tokens included. */
  countTokens(texts: readonly string[]): Promise<Int32Array<ArrayBuffer>>
  /** Gives what other hosts need to use this one's weights; `undefined` where they are its own. */
  share(): Promise<SharedModel | undefined>
  /** Writes what is to be kept, and counts. */
  stats(): Promise<EmbedderStats>
  /** Writes what is to be kept; releases session and device. */
  dispose(): Promise<void>
}

/** The host of another thread, which can be asked who it is before it is asked for anything. */
export interface RemoteHost extends HostApi {
  /** Gives the script's `IDENTITY`; whatever else where it is no script of ours. */
  hello(): Promise<unknown>
}
