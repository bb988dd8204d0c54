import { Matrix, type Shape } from './matrix.js'
import { isRows, packRows, type VectorNumbers } from './pack-rows.js'
import { ARRAY_OF, componentsPerValue, type Precision, type PrecisionData } from './precision.js'

/** Says which vectors may be compared: those with equal `id`. */
export interface EmbeddingSpace {
  /**
   * Digest of weights, tokenizer and module chain; prompts, dims, normalising and precision are not in it. Empty where nobody said: such
   * vectors are compared with any of their length.
   */
  readonly id: string
  /** Human-readable name of the model, for messages. Not compared. */
  readonly model: string
}

/** Space of vectors of which nobody said where they come from. */
const UNKNOWN_SPACE: EmbeddingSpace = { id: '', model: 'unknown' }

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
  static from<S extends Shape, P extends Precision = 'float32'>(clone: EmbeddingsClone<S, P>): Embeddings<S, P>
  /**
   * Makes embeddings of one vector from elsewhere: a database, JSON, another library.
   *
   * @param vector - Its numbers, which are copied as float32.
   * @param space - The space that it belongs to, as `space` of embeddings of its model.
   * @returns Embeddings of the shape `[dim]`; without a space they are compared with any of their length.
   * @throws {TypeError} If they are not numbers, or the space is none.
   * @throws {RangeError} If there are none, or one is not finite in float32.
   */
  static from(vector: VectorNumbers, space?: EmbeddingSpace): Embeddings<readonly [number]>
  /**
   * Makes embeddings of vectors from elsewhere.
   *
   * @param rows - Vectors of one length, which are copied as float32.
   * @param space - The space that they belong to.
   * @returns Embeddings of the shape `[rows, dim]`; without a space they are compared with any of their length.
   * @throws {TypeError} If a row is not numbers, or the space is none.
   * @throws {RangeError} If there are none, their lengths differ, or a number is not finite in float32.
   */
  static from(rows: readonly VectorNumbers[], space?: EmbeddingSpace): Embeddings
  static from(
    given: EmbeddingsClone<Shape, Precision> | VectorNumbers | readonly VectorNumbers[],
    space: EmbeddingSpace = UNKNOWN_SPACE,
  ): Embeddings<Shape, Precision> {
    if (isRows(given)) {
      const { data, shape } = packRows(given)
      return new Embeddings<Shape, Precision>(data, shape, checkSpace(space), 'float32')
    }
    return new Embeddings(given.data, given.shape, given.space, given.precision).withTokens(given.tokens)
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

/**
 * Tells whether vectors of two spaces may be compared.
 *
 * @param b - Another.
 * @returns Whether they are one, or nobody said what one of them is.
 */
export function isOneSpace(a: EmbeddingSpace, b: EmbeddingSpace): boolean {
  return a.id === b.id || a.id === '' || b.id === ''
}

function checkSpace(space: EmbeddingSpace): EmbeddingSpace {
  if (typeof (space as Partial<EmbeddingSpace> | null)?.id === 'string') return space
  throw new TypeError('Cannot make embeddings as space must be that of other embeddings: current id is no string')
}
