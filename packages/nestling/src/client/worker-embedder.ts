import { Embeddings } from '../math/embeddings.js'
import type { Matrix } from '../math/matrix.js'
import { similarityPairwiseSteps, similaritySteps, type SimilarityFunction } from '../math/similarity.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { HostEvent, LoadedModel } from '../wire/protocol.js'
import { checkTexts } from './check-texts.js'
import { toComparable } from './comparable.js'
import type { AnyEmbeddings, Embedder, EmbedderReport, TokenizedText } from './embedder.js'
import { EncodeCall } from './encode-call.js'
import {
  resolveEncodeOptions,
  withTaskPrompt,
  type EncodeOptions,
  type ResolvedEncodeOptions,
} from './encode-options.js'
import type { HostConnection } from './host-connection.js'
import { portionsOf } from './portions.js'
import { runSteps } from './run-steps.js'
import type { Warnings } from './warnings.js'

/** What an embedder is made of. */
export interface WorkerEmbedderParts {
  readonly connection: HostConnection
  readonly model: LoadedModel
  readonly truncateDim: number | undefined
  readonly nestedDims: readonly number[] | undefined
  readonly warnings: Warnings
  readonly loadMs: number
}

/** What `encode` and its kin give for a string and for a list. */
type Encoded = Embeddings<readonly [number]> | Embeddings

/** The page's side of an {@link Embedder}: checks, sends to the worker, and puts answers together. */
export class WorkerEmbedder implements Embedder {
  readonly dim: number
  readonly maxSeqLength: number
  readonly nestedDims: readonly number[] | undefined
  readonly similarityFunction: SimilarityFunction
  readonly prompts: Readonly<Record<string, string>>
  readonly #parts: WorkerEmbedderParts
  readonly #calls = new Map<number, EncodeCall>()
  #isDisposed = false

  /**
   * Takes a loaded model over.
   *
   * @param parts - Connection, model and settings.
   */
  constructor(parts: WorkerEmbedderParts) {
    this.#parts = parts
    this.dim = parts.model.dim
    this.maxSeqLength = parts.model.maxSeqLength
    this.nestedDims = parts.nestedDims
    this.similarityFunction = parts.model.similarityFunction
    this.prompts = parts.model.prompts
  }

  /** {@inheritDoc Embedder.report} */
  get report(): EmbedderReport {
    const { name, device, engine, runtime, dtype, threads, reasons, verification, probe } = this.#parts.model
    const { loadMs, warnings } = this.#parts
    const { verified } = verification
    const ran = { model: name, device, engine, runtime, dtype, threads, loadMs, reasons }
    return { ...ran, verified, verification, probe, warnings: warnings.all }
  }

  encode(text: string, options?: EncodeOptions): Promise<Embeddings<readonly [number]>>
  encode(texts: readonly string[], options?: EncodeOptions): Promise<Embeddings>
  /** {@inheritDoc Embedder.encode} */
  async encode(input: string | readonly string[], options: EncodeOptions = {}): Promise<Encoded> {
    const { model, truncateDim } = this.#parts
    const resolved = resolveEncodeOptions(options, { ...model, truncateDim })
    const texts = checkTexts('encode', input)
    resolved.signal?.throwIfAborted()
    this.#checkAlive()
    const dim = Math.min(resolved.truncateDim ?? model.dim, model.dim)
    this.#warnAboutDim(dim)
    const data = await this.#encodeAll(texts, resolved, dim)
    const space = { id: model.spaceId, model: model.name }
    return typeof input === 'string'
      ? new Embeddings(data, [dim] as const, space)
      : new Embeddings(data, [texts.length, dim] as const, space)
  }

  encodeQuery(text: string, options?: EncodeOptions): Promise<Embeddings<readonly [number]>>
  encodeQuery(texts: readonly string[], options?: EncodeOptions): Promise<Embeddings>
  /** {@inheritDoc Embedder.encodeQuery} */
  async encodeQuery(input: string | readonly string[], options: EncodeOptions = {}): Promise<Encoded> {
    return this.encode(input as string, withTaskPrompt(options, ['query'], this.prompts))
  }

  encodeDocument(text: string, options?: EncodeOptions): Promise<Embeddings<readonly [number]>>
  encodeDocument(texts: readonly string[], options?: EncodeOptions): Promise<Embeddings>
  /** {@inheritDoc Embedder.encodeDocument} */
  async encodeDocument(input: string | readonly string[], options: EncodeOptions = {}): Promise<Encoded> {
    return this.encode(input as string, withTaskPrompt(options, ['document', 'passage', 'corpus'], this.prompts))
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
      const { ids, truncated } = await this.#parts.connection.call((host) => host.tokenize(portion.texts, ''))
      ids.forEach((inputIds, index) => tokenized.push({ inputIds, truncated: truncated[index] === true }))
    }
    return typeof input === 'string' ? (tokenized[0] as TokenizedText) : tokenized
  }

  countTokens(text: string): Promise<number>
  countTokens(texts: readonly string[]): Promise<Int32Array>
  /** {@inheritDoc Embedder.countTokens} */
  async countTokens(input: string | readonly string[]): Promise<number | Int32Array> {
    const texts = checkTexts('count tokens', input)
    const counts = new Int32Array(texts.length)
    for (const portion of portionsOf(texts)) {
      counts.set(await this.#parts.connection.call((host) => host.countTokens(portion.texts)), portion.start)
    }
    return typeof input === 'string' ? (counts[0] as number) : counts
  }

  /** {@inheritDoc Embedder.dispose} */
  dispose(): Promise<void> {
    this.#isDisposed = true
    this.#parts.connection.close(disposed())
    return Promise.resolve()
  }

  // For `await using`. Where a browser has no such symbol yet, this is a method called "undefined" that nobody looks for.
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose()
  }

  /**
   * Hears what the host tells while it works.
   *
   * @param event - The event.
   */
  onHostEvent(event: HostEvent): void {
    if (event.kind === 'encode') this.#calls.get(event.id)?.portionDone(event.done)
  }

  async #encodeAll(texts: readonly string[], options: ResolvedEncodeOptions, dim: number): Promise<Float32Array> {
    const data = new Float32Array(texts.length * dim)
    const call = new EncodeCall(texts.length, options)
    for (const portion of portionsOf(texts)) {
      const id = EncodeCall.nextId()
      this.#calls.set(id, call)
      try {
        const result = await call.untilAborted(
          this.#parts.connection.call((host) => host.encode(call.requestOf(id, portion))),
          () => {
            this.#parts.connection.cancel(id)
          },
        )
        data.set(result.data, portion.start * dim)
        if (result.truncatedCount > 0) this.#warnAboutLength()
        call.portionEnds(portion.texts.length)
      } finally {
        this.#calls.delete(id)
      }
    }
    call.finish()
    return data
  }

  #warnAboutLength(): void {
    this.#parts.warnings.raise(
      'text-truncated',
      `A text has more than the ${this.maxSeqLength} tokens that the model reads; the rest was ignored. countTokens() tells which`,
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

  #checkAlive(): void {
    if (this.#isDisposed) throw disposed()
  }
}

function disposed(): EmbedderError {
  return new EmbedderError('disposed', 'Cannot use the embedder as it was disposed: load the model again')
}
