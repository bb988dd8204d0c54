/** Vectors grown from real ones, as many as a test wants. */
export interface Mixtures {
  /** Row-major, unit length. */
  readonly rows: Float32Array<ArrayBuffer>
  /** Held-out ones, made alike. */
  readonly queries: Float32Array<ArrayBuffer>
}

/** What {@link growMixtures} makes. */
export interface MixtureOptions {
  readonly dim: number
  readonly rows: number
  readonly queries: number
  readonly seed: number
  /** Length of the noise that each unit vector gets. */
  readonly noise: number
}

/**
 * Grows vectors: a real one, drawn at random, plus noise of a given length in a random direction, at unit length again.
 *
 * @param real - Real vectors, row-major.
 * @param options - How many, how long, and the seed.
 * @returns Rows and queries.
 */
export function growMixtures(real: Float32Array, { dim, rows, queries, seed, noise }: MixtureOptions): Mixtures {
  const random = mulberry32(seed)
  const grow = (count: number): Float32Array<ArrayBuffer> => {
    const grown = new Float32Array(count * dim)
    for (let row = 0; row < count; row++) mix(grown.subarray(row * dim, (row + 1) * dim))
    return grown
  }
  const direction = new Float64Array(dim)
  const mix = (target: Float32Array): void => {
    const from = Math.floor(random() * (real.length / dim)) * dim
    let squares = 0
    for (let index = 0; index < dim; index++) {
      // Twelve uniform numbers are as good as normal here; four are enough for a direction of hundreds of components.
      const value = random() + random() + random() + random() - 2
      direction[index] = value
      squares += value * value
    }
    const factor = noise / Math.sqrt(squares)
    let total = 0
    for (let index = 0; index < dim; index++) {
      const value = (real[from + index] as number) + factor * (direction[index] as number)
      target[index] = value
      total += value * value
    }
    const scale = 1 / Math.sqrt(total)
    for (let index = 0; index < dim; index++) target[index] = (target[index] as number) * scale
  }
  return { rows: grow(rows), queries: grow(queries) }
}

/**
 * Makes a generator of equal numbers in [0, 1) for equal seeds.
 *
 * @see {@link https://gist.github.com/tommyettinger/46a874533244883189143505d203312c | mulberry32}
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Finds the rows with the highest dot products in float64.
 *
 * @param rows - Rows, row-major.
 * @param query - One vector of the same length.
 * @returns Their numbers, the best first.
 */
export function topRowsOf(rows: Float32Array, query: Float32Array, count: number): number[] {
  const dim = query.length
  const best: { row: number; score: number }[] = []
  for (let row = 0; row < rows.length / dim; row++) {
    let score = 0
    for (let index = 0, at = row * dim; index < dim; index++, at++) {
      score += (rows[at] as number) * (query[index] as number)
    }
    if (best.length === count && score <= (best.at(-1)?.score ?? 0)) continue
    const place = best.findIndex((other) => other.score < score)
    best.splice(place === -1 ? best.length : place, 0, { row, score })
    if (best.length > count) best.pop()
  }
  return best.map(({ row }) => row)
}
