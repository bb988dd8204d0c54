import { chunkAll } from '../encode/chunk-all.js'
import { EncodeQueue } from '../encode/encode-queue.js'
import { tokenizeAll, tokenizeMs } from '../encode/tokenize-all.js'
import { canCompileWasm } from '../engine/wasm-features.js'
import type { PoolingChain } from '../model/encoder-spec.js'
import type { OpenedStorage } from '../store/records/opened-storage.js'
import { openStorage } from '../store/records/open-storage.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { EmbedderStats } from '../wire/embedder-stats.js'
import type {
  ChunkRequest,
  Chunks,
  EncodeRequest,
  HostApi,
  HostEvent,
  LoadedModel,
  LoadRequest,
  SharedModel,
  Tokens,
} from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import { attachModel } from './attach-model.js'
import { loadModel } from './load-model.js'
import { LOAD_PARTS, type LoadParts } from './load-parts.js'
import { loadOnnxFolder } from './load-onnx-folder.js'
import { LoadProgress } from './load-progress.js'
import { KeptEmbeddings } from './kept-embeddings.js'
import type { RunningModel } from '../certify/running-model.js'
import { nextTask } from '@nestling/kit/calls/next-task'

/** Signs of life while texts are tokenized; the page bears ten times as much silence. */
const SIGN_INTERVAL_MS = 1000

/** Hosts one model. It knows nothing of workers: the worker's entry exposes it, tests call it directly. */
export class Host implements HostApi {
  #running: Running | undefined
  readonly #loadParts: LoadParts

  /**
   * Starts without a model.
   *
   * @param loadParts - Parts of a load that tests replace.
   */
  constructor(loadParts: Partial<LoadParts> = {}) {
    this.#loadParts = { ...LOAD_PARTS, ...loadParts }
  }

  /** {@inheritDoc HostApi.load} */
  async load(request: LoadRequest, onEvent: (event: HostEvent) => void): Promise<LoadedModel> {
    // Before anything is fetched: every engine needs it.
    if (!canCompileWasm()) throw wasmForbidden()
    const progress = new LoadProgress((event) => {
      onEvent({ kind: 'load', progress: event })
    })
    const loadFolder = loaderOf(request)
    const opening = request.cache.embeddings === undefined ? undefined : openStorage()
    let model: RunningModel
    try {
      model = await loadFolder(request, progress, this.#loadParts)
    } catch (error) {
      void opening?.then(({ storage }) => {
        storage.close()
      })
      throw error
    }
    const opened = await opening
    const kept = keep(request, model, opened, onEvent)
    const queue = new EncodeQueue({ ...model, isStatic: isStatic(model.spec), cache: kept?.cache, onEvent })
    this.#running = { model, queue, kept, onEvent }
    return withStorage(model.loaded, opened)
  }

  /** {@inheritDoc HostApi.encode} */
  async encode(requests: readonly EncodeRequest[]): Promise<void> {
    const { queue } = this.#current()
    for (const request of requests) queue.add(request)
    return Promise.resolve()
  }

  /** {@inheritDoc HostApi.cancel} */
  cancel(ids: readonly number[]): void {
    for (const id of ids) this.#running?.queue.cancel(id)
  }

  /** {@inheritDoc HostApi.tokenize} */
  async tokenize(texts: readonly string[], prompt: string): Promise<Tokens> {
    const { tokenizer, loaded } = this.#current().model
    const encodings = await tokenizeAll(tokenizer, texts, prompt, this.#pauseFor(texts))
    return {
      ids: encodings.map(({ ids }) => ids),
      truncated: encodings.map(({ tokenCount }) => tokenCount > loaded.maxSeqLength),
    }
  }

  /** {@inheritDoc HostApi.countTokens} */
  async countTokens(texts: readonly string[]): Promise<Int32Array<ArrayBuffer>> {
    const encodings = await tokenizeAll(this.#current().model.tokenizer, texts, '', this.#pauseFor(texts))
    return Int32Array.from(encodings, ({ tokenCount }) => tokenCount)
  }

  /** {@inheritDoc HostApi.chunk} */
  async chunk({ texts, ...options }: ChunkRequest): Promise<Chunks> {
    const { tokenizer } = this.#current().model
    const chunks = await chunkAll(tokenizer, texts, options, this.#pauseFor(texts))
    const spans = chunks.flat().flatMap(({ start, end, tokenCount }) => [start, end, tokenCount])
    return { counts: Int32Array.from(chunks, ({ length }) => length), spans: Int32Array.from(spans) }
  }

  /** {@inheritDoc HostApi.share} */
  share(): Promise<SharedModel | undefined> {
    return Promise.resolve(this.#running?.model.shared)
  }

  /** {@inheritDoc HostApi.stats} */
  async stats(): Promise<EmbedderStats> {
    const { kept } = this.#current()
    return { embeddings: (await kept?.stats()) ?? { hits: 0, misses: 0, storedVectors: 0, sizeBytes: 0 } }
  }

  /** {@inheritDoc HostApi.dispose} */
  async dispose(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    await running?.queue.close(noModel())
    await running?.kept?.close()
    await running?.model.engine.dispose()
  }

  /** Lets messages in, and shows that the host lives while it works through texts. */
  #pauseFor(texts: readonly string[]): () => Promise<void> {
    const { onEvent } = this.#current()
    const predictedMs = tokenizeMs(texts.reduce((longest, { length }) => Math.max(longest, length), 0))
    let toldMs = -Infinity
    return async () => {
      await nextTask()
      if (performance.now() - toldMs < SIGN_INTERVAL_MS) return
      toldMs = performance.now()
      onEvent({ kind: 'slice', predictedMs, ids: [] })
    }
  }

  #current(): Running {
    if (this.#running !== undefined) return this.#running
    throw noModel()
  }
}

interface Running {
  readonly model: RunningModel
  readonly queue: EncodeQueue
  readonly kept: KeptEmbeddings | undefined
  readonly onEvent: (event: HostEvent) => void
}

function loaderOf({ shared, engine }: LoadRequest): typeof loadModel {
  if (shared !== undefined) return attachModel
  return engine === 'transformers' ? loadOnnxFolder : loadModel
}

/** Keeps the model's embeddings where that was asked for. */
function keep(
  { cache: { embeddings } }: LoadRequest,
  model: RunningModel,
  opened: OpenedStorage | undefined,
  onEvent: (event: HostEvent) => void,
): KeptEmbeddings | undefined {
  if (embeddings === undefined || opened === undefined) return undefined
  const onWarning = (warning: EmbedderWarning): void => {
    onEvent({ kind: 'warning', warning })
  }
  return new KeptEmbeddings({ model, opened, maxBytes: embeddings.maxBytes, onWarning })
}

/** Where the model is not to be kept, the report is of its embeddings. */
function withStorage(loaded: LoadedModel, opened: OpenedStorage | undefined): LoadedModel {
  if (opened === undefined || loaded.cache.storage !== 'off') return loaded
  return { ...loaded, cache: { ...loaded.cache, storage: opened.storage.kind, reason: opened.reason } }
}

/** A table of vectors without a network, whose rows may be zero. */
function isStatic(spec: PoolingChain): boolean {
  return 'architecture' in spec && spec.architecture === 'static'
}

function noModel(): EmbedderError {
  return new EmbedderError('disposed', 'Cannot encode as no model is loaded: load one, or do not call after dispose()')
}

function wasmForbidden(): EmbedderError {
  return new EmbedderError(
    'environment-unsupported',
    "Cannot load a model as the content security policy of the worker forbids WebAssembly\nAdd 'wasm-unsafe-eval' to script-src, in the policy of the page and in what is sent with worker.js",
  )
}
