import { Matrix, type Shape } from './matrix.js'

/** Says which vectors may be compared: those with equal `id`. */
export interface EmbeddingSpace {
  /** Digest of weights, tokenizer and module chain; prompts, dims, normalising and precision are not in it. */
  readonly id: string
  /** Human-readable name of the model, for messages. Not compared. */
  readonly model: string
}

/**
 * Holds the embeddings of one text (`[dim]`) or of several (`[count, dim]`), packed, with the space they belong to.
 *
 * A structured clone (postMessage, IndexedDB) keeps all fields; {@link Embeddings.from} gives a clone its methods back.
 */
export class Embeddings<S extends Shape = readonly [number, number]> extends Matrix<S> {
  /** What these vectors may be compared with. */
  readonly space: EmbeddingSpace

  /**
   * Wraps vectors without copying them.
   *
   * @param data - Vectors, row-major.
   * @param shape - `[count, dim]`, or `[dim]` for one vector.
   * @param space - The space they belong to.
   * @throws {RangeError} If the shape does not fit the number of values.
   */
  constructor(data: Float32Array, shape: S, space: EmbeddingSpace) {
    super(data, shape)
    this.space = space
  }

  /**
   * Gives a structured clone its methods back.
   *
   * @param clone - The fields of embeddings.
   * @returns Embeddings over the same values, not a copy.
   * @throws {RangeError} If the shape does not fit the number of values.
   */
  static from<S extends Shape>(clone: Pick<Embeddings<S>, 'data' | 'shape' | 'space'>): Embeddings<S> {
    return new Embeddings(clone.data, clone.shape, clone.space)
  }

  /**
   * Keeps the first `dim` components of every row.
   *
   * Nothing is rescaled, as Python's `truncate_dim` leaves it to the caller; cosine similarity does not mind.
   *
   * @param dim - Components to keep. More than there are keeps all, as slicing does in Python.
   * @returns New embeddings of shape `[count, dim]`; these stay as they are.
   * @throws {RangeError} If `dim` is not a positive integer.
   * @see {@link https://arxiv.org/abs/2205.13147 | Matryoshka Representation Learning}
   */
  truncate(dim: number): Embeddings<S> {
    if (!Number.isInteger(dim) || dim < 1) {
      throw new RangeError(`Cannot truncate embeddings as dim must be a positive integer: current value is ${dim}`)
    }
    const kept = Math.min(dim, this.dim)
    const data = new Float32Array(this.count * kept)
    for (let index = 0; index < this.count; index++) data.set(this.row(index).subarray(0, kept), index * kept)
    const shape = (this.shape.length === 1 ? [kept] : [this.count, kept]) as Shape
    return new Embeddings(data, shape as S, this.space)
  }
}
