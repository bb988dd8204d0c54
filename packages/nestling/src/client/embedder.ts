/// <reference lib="esnext.disposable" preserve="true" />
import type { Embeddings } from '../math/embeddings.js'
import type { Matrix, Shape } from '../math/matrix.js'
import type { SimilarityFunction } from '../math/similarity.js'
import type { DeviceProbe, Verification } from '../wire/load-report.js'
import type { Device, Dtype, EngineName, RuntimeName } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import type { EncodeOptions } from './encode-options.js'

/** Embeddings of one text or of several. */
export type AnyEmbeddings = Embeddings<Shape>

/** Says what runs where, and why. */
export interface EmbedderReport {
  /** Name of the model. */
  readonly model: string
  /** Where it runs. */
  readonly device: Device
  /** What runs it. */
  readonly engine: EngineName
  /** Build of onnxruntime-web. */
  readonly runtime: RuntimeName
  /** Type of the numbers that are computed with. */
  readonly dtype: Dtype
  /** Threads on the CPU; more than one needs a cross-origin isolated page. */
  readonly threads: number
  /** Milliseconds from the call of `load` until the model was ready. */
  readonly loadMs: number
  /** Why device, runtime and file were chosen. */
  readonly reasons: readonly string[]
  /** Whether the vectors were compared with known ones and are near enough; `verification` says with which, or why not. */
  readonly verified: boolean
  /** What comparing the vectors with known ones gave. */
  readonly verification: Verification
  /** What the worker found of GPU, WebAssembly and memory. */
  readonly probe: DeviceProbe
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
  /** The model's prompts by name. */
  readonly prompts: Readonly<Record<string, string>>
  /** What runs where, and why. */
  readonly report: EmbedderReport

  /**
   * Turns a text into its embedding.
   *
   * @param text - A text; what is longer than `maxSeqLength` tokens is cut, with the warning `text-truncated`.
   * @param options - Options.
   * @returns Embeddings of shape `[dim]`.
   * @throws {TypeError} If the text is not a string or an option is unknown or of the wrong type.
   * @throws {RangeError} If an option is out of range.
   * @throws {EmbedderError} `run-failed`, `device-lost`, `worker-crashed` or `disposed`; on an abort, the signal's reason.
   * @see `sentence_transformers.SentenceTransformer.encode`
   */
  encode(text: string, options?: EncodeOptions): Promise<Embeddings<readonly [number]>>
  /**
   * Turns texts into their embeddings, in the order of the texts.
   *
   * @param texts - Texts, as many as you like; `[]` gives shape `[0, dim]`.
   * @param options - Options.
   * @returns Embeddings of shape `[texts, dim]`.
   */
  encode(texts: readonly string[], options?: EncodeOptions): Promise<Embeddings>

  /**
   * Encodes a search query: as `encode`, with the model's prompt `query` where it has one.
   *
   * @param text - A query.
   * @param options - Options; `prompt` and `promptName` go before.
   * @returns Embeddings of shape `[dim]`.
   * @see `sentence_transformers.SentenceTransformer.encode_query`
   */
  encodeQuery(text: string, options?: EncodeOptions): Promise<Embeddings<readonly [number]>>
  /**
   * Encodes search queries.
   *
   * @param texts - Queries.
   * @param options - Options.
   * @returns Embeddings of shape `[texts, dim]`.
   */
  encodeQuery(texts: readonly string[], options?: EncodeOptions): Promise<Embeddings>

  /**
   * Encodes a document to be found: as `encode`, with the model's prompt `document`, `passage` or `corpus`, the first it has.
   *
   * @param text - A document.
   * @param options - Options; `prompt` and `promptName` go before.
   * @returns Embeddings of shape `[dim]`.
   * @see `sentence_transformers.SentenceTransformer.encode_document`
   */
  encodeDocument(text: string, options?: EncodeOptions): Promise<Embeddings<readonly [number]>>
  /**
   * Encodes documents.
   *
   * @param texts - Documents.
   * @param options - Options.
   * @returns Embeddings of shape `[texts, dim]`.
   */
  encodeDocument(texts: readonly string[], options?: EncodeOptions): Promise<Embeddings>

  /**
   * Compares every row of `a` with every row of `b`, with the model's own similarity function. Higher means nearer.
   *
   * Large matrices are computed in slices, so that the page never stalls.
   *
   * @param a - Embeddings of this model.
   * @param b - Embeddings of this model with the same dim.
   * @returns Scores of shape `[a.count, b.count]`.
   * @throws {TypeError} If one is not embeddings.
   * @throws {RangeError} If their dims differ.
   * @throws {EmbedderError} `space-mismatch` if they come from different models.
   * @see `sentence_transformers.SentenceTransformer.similarity`
   */
  similarity(a: AnyEmbeddings, b: AnyEmbeddings): Promise<Matrix>

  /**
   * Compares row `i` of `a` with row `i` of `b`.
   *
   * @param a - Embeddings of this model.
   * @param b - As many embeddings with the same dim.
   * @returns Scores of shape `[count]`.
   * @throws {TypeError} If one is not embeddings.
   * @throws {RangeError} If their dims or numbers differ.
   * @throws {EmbedderError} `space-mismatch` if they come from different models.
   * @see `sentence_transformers.SentenceTransformer.similarity_pairwise`
   */
  similarityPairwise(a: AnyEmbeddings, b: AnyEmbeddings): Promise<Matrix<readonly [number]>>

  /**
   * Gives the token ids that the model reads.
   *
   * @param text - A text.
   * @returns Its ids.
   * @throws {TypeError} If the text is not a string.
   */
  tokenize(text: string): Promise<TokenizedText>
  /**
   * Gives the token ids of several texts.
   *
   * @param texts - Texts.
   * @returns Ids, one entry a text.
   */
  tokenize(texts: readonly string[]): Promise<readonly TokenizedText[]>

  /**
   * Counts tokens as the model does, special tokens included and before anything is cut.
   *
   * @param text - A text.
   * @returns How many.
   * @throws {TypeError} If the text is not a string.
   */
  countTokens(text: string): Promise<number>
  /**
   * Counts the tokens of several texts.
   *
   * @param texts - Texts.
   * @returns How many, one entry a text.
   */
  countTokens(texts: readonly string[]): Promise<Int32Array>

  /**
   * Ends the worker and gives its memory back. Pending calls reject with `disposed`. A second call does nothing.
   *
   * @returns When it is done.
   */
  dispose(): Promise<void>
}
