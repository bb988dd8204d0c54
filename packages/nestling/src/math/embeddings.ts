import { Matrix, type Shape } from './matrix.js'
import { ARRAY_OF, componentsPerValue, type Precision, type PrecisionData } from './precision.js'

/** Says which vectors may be compared: those with equal `id`. */
export interface EmbeddingSpace {
  /** Digest of weights, tokenizer and module chain; prompts, dims, normalising and precision are not in it. */
  readonly id: string
  /** Human-readable name of the model, for messages. Not compared. */
  readonly model: string
}

/** What the model read of each text; one entry a row. */
export interface TextTokens {
  /** Tokens before anything was cut, special tokens and the prompt's included. */
  readonly tokenCounts: Int32Array
  /** 1 where the model read less than the whole text, else 0. */
  readonly truncated: Uint8Array
}

/** The fields of {@link Embeddings}, which a structured clone keeps. */
export type EmbeddingsClone<S extends Shape, P extends Precision> = Pick<
  Embeddings<S, P>,
  'data' | 'shape' | 'space'
> & {
  /** `float32` where there is none. */
  readonly precision?: P | undefined
  readonly tokens?: TextTokens | undefined
}

/**
 * Holds the embeddings of one text (`[dim]`) or of several (`[count, dim]`), packed, with the space they belong to.
 *
 * Shape: `dim` counts values of `data`. It is the number of components, except in `binary` and `ubinary`, where each
 * value packs eight of them: 384 components are `dim` 48, as in numpy.
 *
 * A structured clone (postMessage, IndexedDB) keeps all fields; {@link Embeddings.from} gives a clone its methods back.
 */
export class Embeddings<S extends Shape = readonly [number, number], P extends Precision = 'float32'> extends Matrix<
  S,
  P
> {
  /** What these vectors may be compared with. */
  readonly space: EmbeddingSpace
  /** What the model read of each text; `undefined` where the vectors do not come from `encode`. */
  readonly tokens: TextTokens | undefined = undefined

  /**
   * Wraps vectors without copying them.
   *
   * @param data - Vectors, row-major.
   * @param shape - `[count, dim]`, or `[dim]` for one vector.
   * @param space - The space they belong to.
   * @param precision - What the values are.
   * @throws {TypeError} If the array is not the one of the precision.
   * @throws {RangeError} If the shape does not fit the number of values.
   */
  constructor(data: PrecisionData[P], shape: S, space: EmbeddingSpace, precision: P = 'float32' as P) {
    super(data, shape, precision)
    this.space = space
  }

  /**
   * Gives a structured clone its methods back.
   *
   * @param clone - The fields of embeddings.
   * @returns Embeddings over the same values, not a copy.
   * @throws {TypeError} If the array is not the one of the precision.
   * @throws {RangeError} If the shape does not fit the number of values.
   */
  static from<S extends Shape, P extends Precision = 'float32'>(clone: EmbeddingsClone<S, P>): Embeddings<S, P> {
    return new Embeddings(clone.data, clone.shape, clone.space, clone.precision).withTokens(clone.tokens)
  }

  /**
   * Adds what the model read of each text.
   *
   * @param tokens - One entry a row.
   * @returns Embeddings over the same values, not a copy.
   */
  withTokens(tokens: TextTokens | undefined): Embeddings<S, P> {
    return Object.assign(new Embeddings(this.data, this.shape, this.space, this.precision), { tokens })
  }

  /**
   * Keeps the first `dim` components of every row.
   *
   * Nothing is rescaled, as Python's `truncate_dim` leaves it to the caller; cosine similarity does not mind.
   *
   * @param dim - Components to keep. More than there are keeps all, as slicing does in Python. Of packed bits a multiple
   *   of 8, which keeps `dim / 8` values a row.
   * @returns New embeddings with shorter rows; these stay as they are.
   * @throws {RangeError} If `dim` is not a positive integer, or of packed bits not a multiple of 8.
   * @see {@link https://arxiv.org/abs/2205.13147 | Matryoshka Representation Learning}
   */
  truncate(dim: number): Embeddings<S, P> {
    const { precision } = this
    const packed = componentsPerValue(precision)
    if (!Number.isInteger(dim) || dim < 1 || dim % packed !== 0) {
      const rule = packed === 1 ? 'a positive integer' : `a positive multiple of ${packed}, as ${precision} packs bits`
      throw new RangeError(`Cannot truncate embeddings as dim must be ${rule}: current value is ${dim}`)
    }
    const kept = Math.min(dim / packed, this.dim)
    const data = new ARRAY_OF[precision](this.count * kept)
    for (let index = 0; index < this.count; index++) data.set(this.row(index).subarray(0, kept), index * kept)
    const shape = (this.shape.length === 1 ? [kept] : [this.count, kept]) as Shape
    return new Embeddings(data, shape as S, this.space, precision).withTokens(this.tokens)
  }
}
