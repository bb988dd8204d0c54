/// <reference lib="esnext.disposable" preserve="true" />
import type { Embeddings, EmbeddingSpace } from '../math/embeddings.js'
import type { Matrix, Shape } from '../math/matrix.js'
import type { Precision } from '../math/precision.js'
import type { SimilarityFunction } from '@nestling/kit/math/similarity-function'
import type { EmbedderStats } from '../wire/embedder-stats.js'
import type { CacheReport, DeviceProbe, DeviceSpeed, Verification } from '../wire/load-report.js'
import type { Device, Dtype, EngineName, RuntimeName } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import type { ChunkOptions, TextChunk } from './chunk.js'
import type { EncodeOptions } from './options/encode-options.js'
import type { EncodeChunksOptions, EncodedChunks } from './encode-chunks.js'
import type { EncodedStream } from './encode-stream.js'

/** Embeddings of one text or of several, in any precision. */
export type AnyEmbeddings = Embeddings<Shape, Precision>

/** Says what runs where, and why. */
export interface EmbedderReport {
  /** Name of the model. */
  readonly model: string
  /** Where it runs. */
  readonly device: Device
  /** What runs it. */
  readonly engine: EngineName
  /** What the engine runs in: `wgsl` on WebGPU, a build of our kernels for WASM, or one of onnxruntime-web. */
  readonly runtime: RuntimeName
  /** Type of the numbers that are computed with. */
  readonly dtype: Dtype
  /** Threads on the CPU; more than one needs a cross-origin isolated page. */
  readonly threads: number
  /** Workers with the model at the moment, and how many may share bulk work. */
  readonly workers: { readonly running: number; readonly most: number }
  /** Whether the workers have the weights once for all, as on a cross-origin isolated page when there is a second one. */
  readonly sharesWeights: boolean
  /** Milliseconds from the call of `load` until the model was ready. */
  readonly loadMs: number
  /** Workers that had to be replaced since the load: after a crash, a lost device, a hang, or an idle time. */
  readonly restarts: number
  /** Whether the model is in memory; `false` after an idle time and while a worker is being replaced. The next call loads it again. */
  readonly isLoaded: boolean
  /** Why device, runtime and file were chosen. */
  readonly reasons: readonly string[]
  /** Whether the vectors were compared with known ones and are near enough; `verification` says with which, or why not. */
  readonly verified: boolean
  /** What comparing the vectors with known ones gave. */
  readonly verification: Verification
  /** How fast WebGPU and WASM are, where `device: 'auto'` let that decide; `undefined` elsewhere. */
  readonly speed: DeviceSpeed | undefined
  /** What the worker found of GPU, WebAssembly and memory. */
  readonly probe: DeviceProbe
  /** Where the model's files came from, and what is kept of them. */
  readonly cache: CacheReport
  /** Every warning so far. */
  readonly warnings: readonly EmbedderWarning[]
}

/** Token ids of one text as the model reads them. */
export interface TokenizedText {
  /** Ids, special tokens included, cut to `maxSeqLength`. */
  readonly inputIds: Int32Array
  /** Whether the text was longer than the model reads. */
  readonly truncated: boolean
}

/** A loaded model. It owns a worker; end it with {@link Embedder.dispose}. */
export interface Embedder extends AsyncDisposable {
  /** Length of a vector before truncation. */
  readonly dim: number
  /** Tokens of a text that are used, special tokens included. */
  readonly maxSeqLength: number
  /** Dims the model was trained for, where that is known. */
  readonly nestedDims: readonly number[] | undefined
  /** What `similarity` computes, read from the model. */
  readonly similarityFunction: SimilarityFunction
  /** What its vectors may be compared with, as they say it themselves. */
  readonly space: EmbeddingSpace
  /** The model's prompts by name. */
  readonly prompts: Readonly<Record<string, string>>
  /** What runs where, and why. */
  readonly report: EmbedderReport

  /**
   * Turns a text into its embedding.
   *
   * @param text - A text; what is longer than `maxSeqLength` tokens is cut, with the warning `text-truncated`.
   * @param options - See {@link EncodeOptions}.
   * @returns Embeddings of shape `[dim]`.
   * @throws {TypeError} If the text is not a string or an option is unknown or of the wrong type.
   * @throws {RangeError} If an option is out of range, or a precision needs `ranges` that are missing.
   * @throws {EmbedderError} `text-too-long` with `onTruncate: 'error'`; `disposed`; `run-failed`, `device-lost`, `out-of-memory`,
   * `worker-crashed` or `worker-unresponsive` where several workers in a row failed at it; what `load` throws where the model has to be
   * loaded again. On an abort, the signal's reason.
   * @see `sentence_transformers.SentenceTransformer.encode`
   */
  encode<P extends Precision = 'float32'>(
    text: string,
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number], P>>
  /**
   * Turns texts into their embeddings, in the order of the texts.
   *
   * @param texts - Texts, as many as you like; `[]` gives shape `[0, dim]`.
   * @param options - See {@link EncodeOptions}.
   * @returns Embeddings of shape `[texts, dim]`.
   */
  encode<P extends Precision = 'float32'>(
    texts: readonly string[],
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number, number], P>>
  /**
   * Encodes texts that come one after another, without holding them or their vectors all at once.
   *
   * The source is read only as fast as chunks are taken. Leaving the loop closes it and ends what runs.
   *
   * @param texts - Texts, such as an async generator.
   * @param options - Options; `onProgress` is not called, as nobody knows how many texts there are.
   * @returns Chunks in the order of the texts.
   */
  encode<P extends Precision = 'float32'>(texts: AsyncIterable<string>, options?: EncodeOptions<P>): EncodedStream<P>

  /**
   * Encodes a search query: as `encode`, with the model's prompt `query` where it has one.
   *
   * @param text - What is looked for.
   * @param options - Options; `prompt` and `promptName` go before.
   * @returns Embeddings of shape `[dim]`.
   * @see `sentence_transformers.SentenceTransformer.encode_query`
   */
  encodeQuery<P extends Precision = 'float32'>(
    text: string,
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number], P>>
  /**
   * Encodes search queries.
   *
   * @param texts - What is looked for, one text a query.
   * @param options - See {@link EncodeOptions}.
   * @returns Embeddings of shape `[texts, dim]`.
   */
  encodeQuery<P extends Precision = 'float32'>(
    texts: readonly string[],
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number, number], P>>

  /**
   * Encodes a document to be found: as `encode`, with the model's prompt `document`, `passage` or `corpus`, the first it has.
   *
   * @param text - What can be found.
   * @param options - Options; `prompt` and `promptName` go before.
   * @returns Embeddings of shape `[dim]`.
   * @see `sentence_transformers.SentenceTransformer.encode_document`
   */
  encodeDocument<P extends Precision = 'float32'>(
    text: string,
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number], P>>
  /**
   * Encodes documents.
   *
   * @param texts - What can be found, one text a document.
   * @param options - See {@link EncodeOptions}.
   * @returns Embeddings of shape `[texts, dim]`.
   */
  encodeDocument<P extends Precision = 'float32'>(
    texts: readonly string[],
    options?: EncodeOptions<P>,
  ): Promise<Embeddings<readonly [number, number], P>>

  /**
   * Compares every row of `a` with every row of `b`, with the model's own similarity function. Higher means nearer.
   *
   * Large matrices are computed in slices, so that the page never stalls.
   *
   * `int8` and `uint8` count as the numbers they are. `binary` and `ubinary` give the negative Hamming distance, whatever the
   * model's function is: 0 for equal signs, minus the number of components for opposite ones.
   *
   * @param a - Embeddings of this model.
   * @param b - Embeddings of this model with the same dim and precision.
   * @returns Scores of shape `[a.count, b.count]`.
   * @throws {TypeError} If one is not embeddings or their precisions differ.
   * @throws {RangeError} If their dims differ.
   * @throws {EmbedderError} `space-mismatch` if they come from different models.
   * @see `sentence_transformers.SentenceTransformer.similarity`
   */
  similarity(a: AnyEmbeddings, b: AnyEmbeddings): Promise<Matrix>

  /**
   * Compares row `i` of `a` with row `i` of `b`, as `similarity` does.
   *
   * @param a - Embeddings of this model.
   * @param b - As many embeddings with the same dim and precision.
   * @returns Scores of shape `[count]`.
   * @throws {TypeError} If one is not embeddings or their precisions differ.
   * @throws {RangeError} If their dims or numbers differ.
   * @throws {EmbedderError} `space-mismatch` if they come from different models.
   * @see `sentence_transformers.SentenceTransformer.similarity_pairwise`
   */
  similarityPairwise(a: AnyEmbeddings, b: AnyEmbeddings): Promise<Matrix<readonly [number]>>

  /**
   * Gives the token ids that the model reads.
   *
   * @param text - Of any length.
   * @returns Its ids.
   * @throws {TypeError} If the text is not a string.
   */
  tokenize(text: string): Promise<TokenizedText>
  /**
   * Gives the token ids of several texts.
   *
   * @param texts - Each of any length.
   * @returns Ids, one entry a text.
   */
  tokenize(texts: readonly string[]): Promise<readonly TokenizedText[]>

  /**
   * Cuts texts into chunks that the model reads whole, and encodes each, for search in long documents.
   *
   * @param texts - A text or several.
   * @param options - Options of `encode`, and `maxTokens` and `overlapTokens` of `chunk`.
   * @returns Every chunk with its offsets, and embeddings of shape `[chunks, dim]`.
   * @throws {TypeError} As `encode` and `chunk`.
   * @throws {RangeError} As `encode` and `chunk`.
   * @throws {EmbedderError} As `encode`.
   */
  encodeChunks<P extends Precision = 'float32'>(
    texts: string | readonly string[],
    options?: EncodeChunksOptions<P>,
  ): Promise<EncodedChunks<P>>

  /**
   * Counts tokens as the model does, special tokens included and before anything is cut.
   *
   * @param text - Of any length.
   * @returns How many.
   * @throws {TypeError} If the text is not a string.
   */
  countTokens(text: string): Promise<number>
  /**
   * Counts the tokens of several texts.
   *
   * @param texts - Each of any length.
   * @returns How many, one entry a text.
   */
  countTokens(texts: readonly string[]): Promise<Int32Array>

  /**
   * Cuts a text into chunks that the model reads whole, by its own tokenizer: each as long as fits, up to the end of a sentence where
   * that fills half of it or more, else of a word. No scrap is left at the end: where the last chunk would fill less than half, the last two
   * share their text evenly. Offsets tell where a chunk is, to mark it in the text.
   *
   * A text that fits is one chunk, white space included, and so is an empty one. Otherwise chunks cover all but white space. Where
   * sentences and words end is what `Intl.Segmenter` of the browser says; a word that does not fit is cut between graphemes.
   *
   * @param text - Of any length.
   * @param options - See {@link ChunkOptions}.
   * @returns Its chunks, at least one, in the order of the text.
   * @throws {TypeError} If the text is not a string or an option is unknown or of the wrong type.
   * @throws {RangeError} If `maxTokens` is more than the model reads, or leaves no room beside special tokens and prompt, or
   * `overlapTokens` is not less than that room.
   * @throws {EmbedderError} `worker-crashed` or `disposed`; on an abort, the signal's reason.
   */
  chunk(text: string, options?: ChunkOptions): Promise<readonly TextChunk[]>
  /**
   * Cuts several texts into chunks.
   *
   * @param texts - Each of any length.
   * @param options - See {@link ChunkOptions}.
   * @returns Chunks, one list a text.
   */
  chunk(texts: readonly string[], options?: ChunkOptions): Promise<readonly (readonly TextChunk[])[]>

  /**
   * Writes the embeddings that wait to be kept, and counts.
   *
   * @returns Hits and misses of the embedding cache, and what it holds.
   * @throws {EmbedderError} `disposed`; as `encode` where the model has to be loaded again.
   */
  stats(): Promise<EmbedderStats>

  /**
   * Ends the worker and gives its memory back. Pending calls reject with `disposed`. A second call does nothing. Embeddings that wait
   * to be kept are written first.
   *
   * @returns When it is done.
   */
  dispose(): Promise<void>
}
