import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cosines, decodeFloats, worstError } from '../../packages/testing/src/golden.js'
import type { Encoded, PageRequest } from './encode-golden.mjs'

/** A golden file with its vectors by the keys of {@link Encoded}. */
export interface GoldenFile {
  readonly inputs: PageRequest['golden']
  readonly tokenIds: readonly (readonly number[])[]
  readonly vectors: Readonly<Record<string, { readonly values: Float32Array; readonly dim: number }>>
}

/** What a comparison found. */
export interface Comparison {
  /** Texts whose token ids differ. */
  readonly tokenMismatches: number
  /** Largest |a - b| / max(1, max|row of b|) of all fields. */
  readonly maxError: number
  /** Smallest cosine of an embedding with Python's. */
  readonly minCosine: number
  readonly meanCosine: number
  /** What is wrong, a clause each; empty when all is well. */
  readonly failures: readonly string[]
}

/** What passes; float16 has too few bits for errors to say much. */
export interface ParityLimits {
  /** |a - b| <= tolerance * max(1, max|row of b|) */
  readonly tolerance?: number
  /** Cosines of embeddings with Python's. */
  readonly lowest?: number
  readonly mean?: number
}

/** The result of one folder. */
export interface ParityResult extends Comparison {
  readonly name: string
  readonly seconds: number
}

type Tables = Readonly<Record<string, string>>

/** Fields of golden.json that are read here. */
interface RawGolden {
  readonly dimension: number
  readonly texts: readonly string[]
  readonly tokenIds: readonly (readonly number[])[]
  readonly embeddings: string
  readonly normalized: string
  readonly truncated: Tables
  readonly truncatedNormalized: Tables
  readonly byPrompt?: Tables
  readonly encodeQuery: string
  readonly encodeDocument: string
  readonly promptText: string
  readonly similarity6x6: string
  readonly similarityPairwise: string
}

/**
 * Reads the golden file of a model folder.
 *
 * @returns Its answers.
 */
export function readGoldenFile(folder: string): GoldenFile {
  const raw = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as RawGolden
  const { dimension } = raw
  const vectors: Record<string, { values: Float32Array; dim: number }> = {}
  const add = (key: string, base64: string, dim: number): void => {
    vectors[key] = { values: decodeFloats(base64), dim }
  }
  for (const key of ['embeddings', 'normalized', 'encodeQuery', 'encodeDocument', 'promptText'] as const) {
    add(key, raw[key], dimension)
  }
  add('embeddings in batches of 1', raw.embeddings, dimension)
  for (const key of ['truncated', 'truncatedNormalized'] as const) {
    for (const [dim, base64] of Object.entries(raw[key])) add(`${key}/${dim}`, base64, Number(dim))
  }
  for (const [name, base64] of Object.entries(raw.byPrompt ?? {})) add(`byPrompt/${name}`, base64, dimension)
  add('similarity6x6', raw.similarity6x6, 6)
  add('similarityPairwise', raw.similarityPairwise, 12)
  const dims = Object.keys(raw.truncated).map(Number)
  const inputs = { texts: raw.texts, promptNames: Object.keys(raw.byPrompt ?? {}), dims }
  return { inputs, tokenIds: raw.tokenIds, vectors }
}

/**
 * Compares what was encoded with a golden file.
 *
 * @param golden - Python's answers.
 * @param limits - What passes.
 * @returns What was found.
 */
export function compareWithGolden(golden: GoldenFile, encoded: Encoded, limits: ParityLimits): Comparison {
  const { tolerance = Infinity } = limits
  const tokenMismatches = golden.tokenIds.filter((ids, index) => ids.join() !== encoded.tokenIds[index]?.join()).length
  const failures = tokenMismatches === 0 ? [] : [`token ids of ${tokenMismatches} texts differ`]
  let maxError = 0
  for (const [key, { values, dim }] of Object.entries(golden.vectors)) {
    const error = worstError(Float32Array.from(encoded.vectors[key] ?? []), values, dim)
    if (!(error <= tolerance)) failures.push(`${key} differs by ${error.toExponential(2)}`)
    maxError = Math.max(maxError, error)
  }
  const embeddings = golden.vectors['embeddings']
  const actual = Float32Array.from(encoded.vectors['embeddings'] ?? [])
  const all = embeddings === undefined ? [] : cosines(actual, embeddings.values, embeddings.dim)
  // A text without tokens has a vector of zeros, whose cosine is not a number.
  const real = all.filter((cosine) => !Number.isNaN(cosine))
  const minCosine = Math.min(...real)
  const meanCosine = real.reduce((sum, cosine) => sum + cosine, 0) / real.length
  const { lowest = -1, mean = -1 } = limits
  if (!(minCosine >= lowest)) failures.push(`the lowest cosine is ${minCosine.toFixed(6)}`)
  if (!(meanCosine >= mean)) failures.push(`the mean cosine is ${meanCosine.toFixed(6)}`)
  return { tokenMismatches, maxError, minCosine, meanCosine, failures }
}
