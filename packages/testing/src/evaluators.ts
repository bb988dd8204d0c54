import { readFileSync } from 'node:fs'
import { decodeFloats } from './golden.ts'
import { fixturePath } from './disk.ts'

/** What Python's evaluators give for the vectors of algorithms.json. */
export interface GoldenEvaluators {
  readonly EmbeddingSimilarityEvaluator: {
    readonly sentences1: readonly string[]
    readonly sentences2: readonly string[]
    readonly scores: readonly number[]
    readonly 16: Readonly<Record<string, number>>
    readonly 8: Readonly<Record<string, number>>
    readonly 4: Readonly<Record<string, number>>
  }
  readonly BinaryClassificationEvaluator: {
    readonly sentences1: readonly string[]
    readonly sentences2: readonly string[]
    readonly labels: readonly number[]
    readonly metrics: Readonly<Record<string, number>>
  }
  readonly TripletEvaluator: {
    readonly anchors: readonly string[]
    readonly positives: readonly string[]
    readonly negatives: readonly string[]
    readonly metrics: Readonly<Record<string, number>>
  }
  readonly InformationRetrievalEvaluator: {
    readonly queries: Readonly<Record<string, string>>
    readonly corpus: Readonly<Record<string, string>>
    readonly relevant: Readonly<Record<string, readonly string[]>>
    readonly metrics: Readonly<Record<string, number>>
  }
  readonly ParaphraseMiningEvaluator: {
    readonly sentences: Readonly<Record<string, string>>
    readonly duplicates: readonly (readonly [string, string])[]
    readonly metrics: Readonly<Record<string, number>>
  }
}

interface Vectors {
  readonly shape: readonly [number, number]
  readonly float32: string
}

const algorithms = JSON.parse(readFileSync(fixturePath('..', 'algorithms.json'), 'utf8')) as {
  readonly vectors: Readonly<Record<'corpus' | 'queries', Vectors>>
  readonly evaluators: GoldenEvaluators
}

/** Inputs and results of all five evaluators. */
export const goldenEvaluators: GoldenEvaluators = algorithms.evaluators

/** Decoded once: tests ask for thousands of rows. */
const rows: Readonly<Record<string, Float32Array>> = {
  d: decodeFloats(algorithms.vectors.corpus.float32),
  q: decodeFloats(algorithms.vectors.queries.float32),
}

/** Components of a row. */
const DIM = algorithms.vectors.corpus.shape[1]

/**
 * Gives the vector that the golden evaluators saw for a text: row i of the corpus for `d<i>`, of the queries for `q<i>`.
 *
 * @param text - Such a text.
 * @returns Its 16 components.
 * @throws {RangeError} If there is no such row.
 */
export function goldenVector(text: string): Float32Array {
  const start = Number(text.slice(1)) * DIM
  const row = rows[text.slice(0, 1)]?.subarray(start, start + DIM)
  if (row?.length === DIM) return row
  throw new RangeError(`Cannot give a golden vector as the text must be d<i> or q<i>: current value is ${text}`)
}
