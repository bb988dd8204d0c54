import { Dispatcher } from '../dispatch/dispatcher.js'
import { extraHosts } from '../dispatch/extra-hosts.js'
import { portionsOf } from '../dispatch/portions.js'
import { RowsCall, type TextRows } from '../dispatch/rows-call.js'
import { statsOf } from '../dispatch/stats.js'
import type { HostKeeper } from '../host/keeper.js'
import { Embeddings, type EmbeddingSpace } from '../math/embeddings.js'
import type { Matrix, MatrixShape, Shape } from '../math/matrix.js'
import type { Precision } from '../math/precision.js'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import { similarityPairwiseSteps, similaritySteps } from '../math/similarity.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { EmbedderStats } from '../wire/embedder-stats.js'
import type { LoadedModel } from '../wire/protocol.js'
import { checkTexts } from './options/check-texts.js'
import { chunkTexts, resolveChunkOptions, type ChunkOptions, type TextChunk } from './chunk.js'
import { toComparable } from './embeddings/comparable.js'
import type { AnyEmbeddings, Embedder, EmbedderReport, TokenizedText } from './embedder.js'
import {
  resolveEncodeOptions,
  withTaskPrompt,
  type EncodeOptions,
  type ResolvedEncodeOptions,
} from './options/encode-options.js'
import { encodeChunks, type EncodeChunksOptions, type EncodedChunks } from './encode-chunks.js'
import { checkStreamOptions, encodeStream, type EncodedStream } from './encode-stream.js'
import { requestPersistence, type Persistence } from './caches/persistence.js'
import { runSteps } from '@nestling/kit/calls/run-steps'
import { checkPrecision, toPrecision } from './embeddings/to-precision.js'
import type { Warnings } from './warnings.js'

/** What an embedder is made of. */
export interface WorkerEmbedderParts {
  /** The host that has the model. */
  readonly host: HostKeeper
  /** Most workers that share bulk work. */
  readonly workers: number | 'auto'
  /** As it was first loaded; what cannot change when another host takes over. */
  readonly model: LoadedModel
  readonly truncateDim: number | undefined
  readonly nestedDims: readonly number[] | undefined
  /** Whether embeddings are kept. */
  readonly keepsEmbeddings: boolean
  readonly warnings: Warnings
  readonly loadMs: number
}

/** What `encode` and its kin give for a string and for a list. */
type Encoded<P extends Precision> = Embeddings<readonly [number], P> | Embeddings<MatrixShape, P>

/** The page's side of an {@link Embedder}: checks, sends to the worker, and puts answers together. */
export class WorkerEmbedder implements Embedder {
  readonly dim: number
  readonly maxSeqLength: number
  readonly nestedDims: readonly number[] | undefined
  readonly similarityFunction: SimilarityFunction
  readonly space: EmbeddingSpace
  readonly prompts: Readonly<Record<string, string>>
  readonly #parts: WorkerEmbedderParts
  readonly #persistence: Persistence | undefined
  readonly #dispatcher: Dispatcher

  /**
   * Takes a loaded model over, and asks the browser to keep what is stored.
   *
   * @param parts - Connection, model and settings.
   */
  static async create(parts: WorkerEmbedderParts): Promise<WorkerEmbedder> {
    const isStoring = parts.model.cache.storage === 'indexeddb'
    return new WorkerEmbedder(parts, isStoring ? await requestPersistence() : undefined)
  }

  private constructor(parts: WorkerEmbedderParts, persistence: Persistence | undefined) {
    this.#parts = parts
    this.#persistence = persistence
    const { host, workers } = parts
    this.#dispatcher = new Dispatcher({ first: host, another: extraHosts(host), workers })
    this.dim = parts.model.dim
    this.maxSeqLength = parts.model.maxSeqLength
    this.nestedDims = parts.nestedDims
    this.similarityFunction = parts.model.similarityFunction
    this.space = { id: parts.model.spaceId, model: parts.model.name }
    this.prompts = parts.model.prompts
    this.#warnAboutLargeDim(parts.truncateDim)
    // Vue and its kin make no proxy of what is frozen; through one, private fields cannot be read.
    Object.freeze(this)
  }

  /** {@inheritDoc Embedder.report} */
  get report(): EmbedderReport {
    const { host, loadMs, warnings } = this.#parts
    const { name, device, engine, runtime, dtype, threads, verification, speed, probe } = host.model
    const { count: workers, restarts } = this.#dispatcher
    const reasons = [...host.reasons, ...this.#dispatcher.reasons]
    const sharesWeights = host.shared.model !== undefined
    const { isReady: isLoaded } = host
    const run = { device, engine, runtime, dtype, threads, workers, sharesWeights, reasons, restarts, isLoaded }
    const { verified } = verification
    const cache = { ...host.model.cache, isPersisted: this.#persistence?.isPersisted }
    return { model: name, ...run, loadMs, verified, verification, speed, probe, cache, warnings: warnings.all }
  }

  encode<P extends Precision = 'float32'>(
    text: string,
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number], P>>
  encode<P extends Precision = 'float32'>(
    texts: readonly string[],
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number, number], P>>
  encode<P extends Precision = 'float32'>(texts: AsyncIterable<string>, options?: EncodeOptions<P>): EncodedStream<P>
  /** {@inheritDoc Embedder.encode} */
  encode<P extends Precision = 'float32'>(
    input: string | readonly string[] | AsyncIterable<string>,
    options: EncodeOptions<P> = {},
  ): Promise<Encoded<P>> | EncodedStream<P> {
    if (!isAsyncIterable(input)) return this.#encode(input, options, typeof input === 'string')
    checkStreamOptions(options)
    const encodeChunk = (texts: readonly string[], signal: AbortSignal): Promise<Embeddings<MatrixShape, P>> =>
      this.#encode(texts, { ...options, onProgress: undefined, signal }, false) as Promise<Embeddings<MatrixShape, P>>
    return encodeStream(input, encodeChunk, options.signal)
  }

  encodeQuery<P extends Precision = 'float32'>(
    text: string,
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number], P>>
  encodeQuery<P extends Precision = 'float32'>(
    texts: readonly string[],
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number, number], P>>
  /** {@inheritDoc Embedder.encodeQuery} */
  async encodeQuery<P extends Precision = 'float32'>(
    input: string | readonly string[],
    options: EncodeOptions<P> = {},
  ): Promise<Encoded<P>> {
    const prompted = withTaskPrompt(options, ['query'], this.prompts)
    // Queries seldom come twice, and what people look for is not to be kept unasked.
    return this.#encode(input, prompted.cache === undefined ? { ...prompted, cache: false } : prompted, true)
  }

  encodeDocument<P extends Precision = 'float32'>(
    text: string,
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number], P>>
  encodeDocument<P extends Precision = 'float32'>(
    texts: readonly string[],
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number, number], P>>
  /** {@inheritDoc Embedder.encodeDocument} */
  async encodeDocument<P extends Precision = 'float32'>(
    input: string | readonly string[],
    options: EncodeOptions<P> = {},
  ): Promise<Encoded<P>> {
    const prompted = withTaskPrompt(options, ['document', 'passage', 'corpus'], this.prompts)
    return this.#encode(input, prompted, false)
  }

  /** {@inheritDoc Embedder.similarity} */
  async similarity(a: AnyEmbeddings, b: AnyEmbeddings): Promise<Matrix> {
    const [left, right] = toComparable(a, b)
    return runSteps(similaritySteps(this.similarityFunction, left, right))
  }

  /** {@inheritDoc Embedder.similarityPairwise} */
  async similarityPairwise(a: AnyEmbeddings, b: AnyEmbeddings): Promise<Matrix<readonly [number]>> {
    const [left, right] = toComparable(a, b)
    return runSteps(similarityPairwiseSteps(this.similarityFunction, left, right))
  }

  tokenize(text: string): Promise<TokenizedText>
  tokenize(texts: readonly string[]): Promise<readonly TokenizedText[]>
  /** {@inheritDoc Embedder.tokenize} */
  async tokenize(input: string | readonly string[]): Promise<TokenizedText | readonly TokenizedText[]> {
    const texts = checkTexts('tokenize', input)
    const tokenized: TokenizedText[] = []
    for (const portion of portionsOf(texts)) {
      const { ids, truncated } = await this.#dispatcher.call((host) => host.tokenize(portion.texts, ''))
      ids.forEach((inputIds, index) => tokenized.push({ inputIds, truncated: truncated[index] === true }))
    }
    return typeof input === 'string' ? (tokenized[0] as TokenizedText) : tokenized
  }

  /** {@inheritDoc Embedder.encodeChunks} */
  encodeChunks<P extends Precision = 'float32'>(
    input: string | readonly string[],
    options: EncodeChunksOptions<P> = {},
  ): Promise<EncodedChunks<P>> {
    return encodeChunks(this, input, options)
  }

  countTokens(text: string): Promise<number>
  countTokens(texts: readonly string[]): Promise<Int32Array>
  /** {@inheritDoc Embedder.countTokens} */
  async countTokens(input: string | readonly string[]): Promise<number | Int32Array> {
    const texts = checkTexts('count tokens', input)
    const counts = new Int32Array(texts.length)
    for (const portion of portionsOf(texts)) {
      counts.set(await this.#dispatcher.call((host) => host.countTokens(portion.texts)), portion.start)
    }
    return typeof input === 'string' ? (counts[0] as number) : counts
  }

  chunk(text: string, options?: ChunkOptions): Promise<readonly TextChunk[]>
  chunk(texts: readonly string[], options?: ChunkOptions): Promise<readonly (readonly TextChunk[])[]>
  /** {@inheritDoc Embedder.chunk} */
  async chunk(
    input: string | readonly string[],
    options: ChunkOptions = {},
  ): Promise<readonly TextChunk[] | readonly (readonly TextChunk[])[]> {
    const { model } = this.#parts
    const resolved = resolveChunkOptions(options, { ...model, truncateDim: undefined })
    const chunks = await chunkTexts(this.#dispatcher.call, checkTexts('chunk', input), resolved)
    return typeof input === 'string' ? (chunks[0] as TextChunk[]) : chunks
  }

  /** {@inheritDoc Embedder.stats} */
  stats(): Promise<EmbedderStats> {
    return statsOf(this.#dispatcher)
  }

  /** {@inheritDoc Embedder.dispose} */
  dispose(): Promise<void> {
    return this.#dispatcher.dispose(disposed())
  }

  // For `await using`. Where a browser has no such symbol yet, this is a method called "undefined" that nobody looks for.
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  /** Encodes a string or a list; `isUrgent` is the default of its priority. */
  async #encode<P extends Precision>(
    input: string | readonly string[],
    options: EncodeOptions<P>,
    isUrgent: boolean,
  ): Promise<Encoded<P>> {
    const { model, truncateDim, keepsEmbeddings } = this.#parts
    const priority = isUrgent ? 'interactive' : 'background'
    const resolved = resolveEncodeOptions(options, { ...model, truncateDim, priority, cache: keepsEmbeddings })
    const texts = checkTexts('encode', input)
    resolved.signal?.throwIfAborted()
    const dim = Math.min(resolved.truncateDim ?? model.dim, model.dim)
    checkPrecision(texts.length, dim, resolved)
    this.#warnAboutLargeDim(resolved.truncateDim)
    this.#warnAboutDim(dim)
    const { data, tokenCounts } = await this.#rowsOf(texts, dim, resolved)
    if (resolved.onTruncate === 'truncate') this.#warnAboutLength(tokenCounts)
    const shape: Shape = typeof input === 'string' ? [dim] : [texts.length, dim]
    const isCut = resolved.onTruncate !== 'chunk'
    const truncated = new Uint8Array(tokenCounts.length)
    if (isCut) tokenCounts.forEach((count, index) => (truncated[index] = count > model.maxSeqLength ? 1 : 0))
    const embeddings = new Embeddings(data, shape, this.space).withTokens({ tokenCounts, truncated })
    return (await toPrecision(embeddings, resolved)) as Encoded<P>
  }

  async #rowsOf(texts: readonly string[], dim: number, options: ResolvedEncodeOptions): Promise<TextRows> {
    const { model, truncateDim } = this.#parts
    const { prompt, normalize, batchSize, priority, onTruncate, onProgress, signal } = options
    const cacheDim = options.cache ? Math.max(dim, Math.min(truncateDim ?? model.dim, model.dim)) : undefined
    const what = { prompt, truncateDim: options.truncateDim, normalize, batchSize, priority, onTruncate, cacheDim }
    const call = new RowsCall({
      texts,
      dim,
      isShared: priority === 'background',
      onProgress,
      send: (host, job) => host.encode({ id: job.id, texts: job.texts, isIsolated: job.isIsolated, ...what }),
    })
    return this.#dispatcher.run(call, signal)
  }

  #warnAboutLength(tokenCounts: Int32Array): void {
    if (tokenCounts.every((count) => count <= this.maxSeqLength)) return
    this.#parts.warnings.raise(
      'text-truncated',
      `A text has more than the ${this.maxSeqLength} tokens that the model reads; the rest was ignored. countTokens() tells which`,
    )
  }

  /** All components are kept then, as Python's slice does; whoever makes room for more learns it here. */
  #warnAboutLargeDim(truncateDim = 0): void {
    if (truncateDim <= this.dim) return
    this.#parts.warnings.raise(
      'dim-beyond-model',
      `The model gives ${this.dim} components, which is fewer than the truncateDim ${truncateDim}: vectors have ${this.dim}`,
    )
  }

  #warnAboutDim(dim: number): void {
    const { nestedDims, warnings } = this.#parts
    if (nestedDims === undefined || dim === this.dim || nestedDims.includes(dim)) return
    warnings.raise(
      'dim-not-nested',
      `The model was not trained for ${dim} components; it was for ${nestedDims.join(', ')}`,
    )
  }
}

function isAsyncIterable(input: unknown): input is AsyncIterable<string> {
  return typeof input === 'object' && input !== null && Symbol.asyncIterator in input
}

function disposed(): EmbedderError {
  return new EmbedderError('disposed', 'Cannot use the embedder as it was disposed: load the model again')
}
