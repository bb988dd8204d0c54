import { readFileSync } from 'node:fs'
import { fixturePath } from './disk.ts'
import { decodeFloats } from './golden.ts'

/** Rows of float32. */
export interface AlgorithmRows {
  readonly data: Float32Array
  readonly count: number
  readonly dim: number
}

/** What Python's `util` gives for the vectors of algorithms.json; scores are rounded to 6 digits. */
export interface GoldenUtil {
  readonly corpus: AlgorithmRows
  readonly queries: AlgorithmRows
  readonly semanticSearch: Readonly<
    Record<'top5 cosine' | 'top5 dot', readonly (readonly { readonly corpusId: number; readonly score: number }[])[]>
  > & {
    /** Number of results of each query. */
    readonly 'topK above corpus size': readonly number[]
  }
  /** The first 40 of all pairs: score, i, j. */
  readonly paraphraseMining: readonly (readonly [number, number, number])[]
  /** Communities by `threshold T minCommunitySize N`. */
  readonly communityDetection: Readonly<Record<string, readonly (readonly number[])[]>>
}

interface Vectors {
  readonly shape: readonly [number, number]
  readonly float32: string
}

interface File extends Omit<GoldenUtil, 'corpus' | 'queries'> {
  readonly vectors: Readonly<Record<'corpus' | 'queries', Vectors>>
}

/**
 * Reads what Python gives for searching and mining.
 *
 * @returns Vectors and results.
 */
export function readGoldenUtil(): GoldenUtil {
  const file = JSON.parse(readFileSync(fixturePath('..', 'algorithms.json'), 'utf8')) as File
  const rowsOf = ({ shape: [count, dim], float32 }: Vectors): AlgorithmRows => {
    return { data: decodeFloats(float32), count, dim }
  }
  return { ...file, corpus: rowsOf(file.vectors.corpus), queries: rowsOf(file.vectors.queries) }
}
