import { B } from './bm25.js'

/** How long the fields of documents are, in terms, and what that makes of a word in them. */
export class FieldLengths {
  readonly #boosts: readonly number[]
  /** By document, its fields side by side. */
  #lengths: Int32Array<ArrayBuffer>
  readonly #totals: number[]
  /** Documents that have the field. */
  readonly #having: number[]

  /** Starts with those of documents, side by side. */
  constructor(boosts: readonly number[], lengths: Int32Array<ArrayBuffer>) {
    this.#boosts = boosts
    this.#lengths = lengths
    this.#totals = boosts.map(() => 0)
    this.#having = boosts.map(() => 0)
    for (const [place, length] of lengths.entries()) this.#count(place % boosts.length, length, 1)
  }

  /** Those of the first documents, side by side. */
  of(documents: number): Int32Array<ArrayBuffer> {
    return this.#lengths.slice(0, documents * this.#boosts.length)
  }

  set(document: number, field: number, length: number): void {
    const fields = this.#boosts.length
    if ((document + 1) * fields > this.#lengths.length) {
      const longer = new Int32Array(2 * (document + 1) * fields)
      longer.set(this.#lengths)
      this.#lengths = longer
    }
    this.#lengths[document * fields + field] = length
    this.#count(field, length, 1)
  }

  /** Leaves a document out of the means. */
  forget(document: number): void {
    for (let field = 0; field < this.#boosts.length; field++) this.#count(field, this.at(document, field), -1)
  }

  at(document: number, field: number): number {
    return this.#lengths[document * this.#boosts.length + field] as number
  }

  /** What one occurrence counts in each field, as `a / (b + c * length)`, from the means of now. */
  weights(): (document: number, field: number) => number {
    const boosts = this.#boosts
    const slopes = this.#totals.map((total, field) => (total > 0 ? (B * (this.#having[field] as number)) / total : 0))
    const lengths = this.#lengths
    const fields = boosts.length
    return (document, field) =>
      (boosts[field] as number) / (1 - B + (slopes[field] as number) * (lengths[document * fields + field] as number))
  }

  #count(field: number, length: number, sign: 1 | -1): void {
    if (length === 0) return
    this.#totals[field] = (this.#totals[field] as number) + sign * length
    this.#having[field] = (this.#having[field] as number) + sign
  }
}
