import type { Thresholds } from './certificate-thresholds.js'

/** A norm may be off by this share of the known one. */
const NORM_TOLERANCE = 0.01

/** Below this a vector is none: pooling nothing gives zeros. */
const ZERO_NORM = 1e-6

/** Collects how near vectors are to the known ones, at every dim. */
export class VectorComparison {
  readonly #dims: readonly number[]
  readonly #cosines: readonly number[][]
  #failure: string | undefined

  /**
   * Starts without any.
   *
   * @param dims - Leading components that are compared, the largest first, which are all of them.
   */
  constructor(dims: readonly number[]) {
    this.#dims = dims
    this.#cosines = dims.map(() => [])
  }

  /**
   * Compares one vector.
   *
   * @param name - Name of the text, for messages.
   * @param actual - What the engine gave.
   * @param expected - What it had to give.
   */
  add(name: string, actual: Float32Array, expected: Float32Array): void {
    if (actual.length !== expected.length || !actual.every(Number.isFinite)) {
      this.#failure ??= `${name} has numbers that are not finite`
      return
    }
    const [norm, known] = [lengthOf(actual), lengthOf(expected)]
    // A text without tokens to pool: nothing to compare but that it stays nothing.
    if (known < ZERO_NORM) {
      if (norm > NORM_TOLERANCE) this.#failure ??= `the norm of ${name} is ${show(norm)} instead of 0`
      return
    }
    if (!(Math.abs(norm / known - 1) <= NORM_TOLERANCE)) {
      this.#failure ??= `the norm of ${name} is ${show(norm)} instead of ${show(known)}`
    }
    this.#dims.forEach((dim, place) => {
      this.#cosines[place]?.push(cosine(actual.subarray(0, dim), expected.subarray(0, dim)))
    })
  }

  /** Lowest cosine of all; `undefined` while there is none. */
  get minCosine(): number | undefined {
    const all = this.#cosines.flat()
    return all.length === 0 ? undefined : Math.min(...all)
  }

  /** Lowest mean of a dim; `undefined` while there is none. */
  get meanCosine(): number | undefined {
    const means = this.#cosines.filter(({ length }) => length > 0).map(mean)
    return means.length === 0 ? undefined : Math.min(...means)
  }

  /**
   * Judges what was added.
   *
   * @param thresholds - How near vectors must be.
   * @returns What is wrong; `undefined` where nothing is.
   */
  failure({ min, mean: least }: Thresholds): string | undefined {
    if (this.#failure !== undefined) return this.#failure
    for (const [place, dim] of this.#dims.entries()) {
      const cosines = this.#cosines[place] ?? []
      if (cosines.length === 0) return 'no vector could be compared'
      const lowest = Math.min(...cosines)
      if (!(lowest >= min)) return `the lowest cosine at dim ${dim} is ${show(lowest)}, below ${min}`
      if (!(mean(cosines) >= least)) return `the mean cosine at dim ${dim} is ${show(mean(cosines))}, below ${least}`
    }
    return undefined
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0
  for (let index = 0; index < a.length; index++) product += (a[index] as number) * (b[index] as number)
  // Rounding may go beyond 1.
  return Math.min(1, product / (lengthOf(a) * lengthOf(b)))
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function show(value: number): string {
  return String(Number(value.toPrecision(5)))
}
