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

/** What Python mines from rows with some limits. */
export interface GoldenParaphrases {
  /** Names of its rows and options, to tell cases apart. */
  readonly name: string
  readonly rows: AlgorithmRows
  /** In camel case; `scoreFunction` by name. */
  readonly options: Readonly<Record<string, number>> & {
    readonly scoreFunction?: 'cosine' | 'dot' | 'euclidean' | 'manhattan'
  }
  /** Score, i, j, of equal scores in any order; scores are rounded to 7 digits. */
  readonly pairs: readonly (readonly [number, number, number])[]
}

interface ParaphrasesFile {
  readonly rows: Readonly<Record<string, readonly (readonly number[])[]>>
  readonly cases: readonly (Pick<GoldenParaphrases, 'options' | 'pairs'> & { readonly rows: string })[]
}

/**
 * Reads what Python mines where its limits cut.
 *
 * @returns The cases of `mining/paraphrases.json`.
 */
export function readGoldenParaphrases(): readonly GoldenParaphrases[] {
  const file = JSON.parse(readFileSync(fixturePath('..', 'mining/paraphrases.json'), 'utf8')) as ParaphrasesFile
  return file.cases.map(({ rows: name, options, pairs }) => {
    const list = file.rows[name] ?? []
    const rows = { data: Float32Array.from(list.flat()), count: list.length, dim: list[0]?.length ?? 0 }
    return { name: `${name} ${JSON.stringify(options)}`, rows, options, pairs }
  })
}
