import type { FloatRows } from '@nestling/kit/math/float-rows'
import { createRowScorer, rowsOfStep } from '@nestling/kit/math/row-scorer'
import { checkRows } from './check-float-rows.js'
import { checkKeys, checkPositiveInteger, type KnownKeys } from '@nestling/kit/options/check-options'
import { show } from '@nestling/kit/options/show'
import { checkLongWork } from './semantic-search.js'
import { Slices, type LongWorkOptions } from './slices.js'

/** Options of {@link communityDetection}. */
export interface CommunityDetectionOptions extends LongWorkOptions {
  /**
   * Lowest cosine to the centre of a community.
   *
   * @defaultValue 0.75
   */
  readonly threshold?: number | undefined
  /**
   * Fewest rows of a community, with its centre.
   *
   * @defaultValue 10
   */
  readonly minCommunitySize?: number | undefined
  /**
   * Bounds memory in Python. Accepted, so that calls can be carried over; it changes no result, there or here.
   *
   * @defaultValue 1024
   */
  readonly batchSize?: number | undefined
}

const WHAT = 'detect communities'

const KNOWN_KEYS: KnownKeys<CommunityDetectionOptions> = {
  threshold: true,
  minCommunitySize: true,
  batchSize: true,
  pause: true,
  signal: true,
  onProgress: true,
}

/** Most indices to keep between the two passes, 64 MB; lists beyond are made again, as all of them can be the square of the rows. */
const MAX_KEPT = 16_000_000

/**
 * Finds groups of rows that are near to one of them. A row is in one group at most; the largest groups take theirs first.
 *
 * @param embeddings - Rows: `[count, dim]`; of any length, as cosines are compared.
 * @param options - How near and how many.
 * @returns Lists of indices, the largest first; in each the centre first, then the nearest to it.
 * @throws {TypeError} If an option is unknown or of the wrong type.
 * @throws {RangeError} If a number is not a positive integer.
 * @see `sentence_transformers.util.community_detection`
 */
export async function communityDetection(
  embeddings: FloatRows,
  options: CommunityDetectionOptions = {},
): Promise<number[][]> {
  checkKeys(WHAT, options, KNOWN_KEYS)
  checkRows(WHAT, 'embeddings', embeddings)
  checkPositiveInteger(WHAT, 'batchSize', options.batchSize)
  const minSize = checkPositiveInteger(WHAT, 'minCommunitySize', options.minCommunitySize) ?? 10
  checkLongWork(WHAT, options)
  const neighbours = new Neighbours(embeddings, checkThreshold(options.threshold), options)
  return await uniqueCommunities(neighbours, Math.min(minSize, embeddings.count))
}

function checkThreshold(threshold: unknown = 0.75): number {
  if (typeof threshold === 'number' && !Number.isNaN(threshold)) return Math.fround(threshold)
  throw new TypeError(`Cannot ${WHAT} as threshold must be a number: current value is ${show(threshold)}`)
}

/** A row with enough near to it. */
interface Candidate {
  readonly row: number
  readonly size: number
  /** Indices of what is near, where there was room. */
  readonly kept: Uint32Array | undefined
}

/** First finds all groups, then takes out of each what a larger one has; a group whose centre is taken is none any more. */
async function uniqueCommunities(neighbours: Neighbours, minSize: number): Promise<number[][]> {
  const { count, slices } = neighbours
  const large: Candidate[] = []
  let room = MAX_KEPT
  for (let row = 0; row < count; row++) {
    const list = await neighbours.of(row)
    if (list.length >= minSize) {
      const isKept = list.length <= room
      if (isKept) room -= list.length
      large.push({ row, size: list.length, kept: isKept ? list : undefined })
    }
    slices.tell((row + 1) / count)
  }
  large.sort((a, b) => b.size - a.size)

  const taken = new Uint8Array(count)
  const communities: number[][] = []
  for (const { row, kept } of large) {
    if (taken[row] === 1) continue
    const list = kept ?? (await neighbours.of(row))
    const community = Array.from(list).filter((member) => taken[member] === 0)
    if (slices.isOver) await slices.rest()
    if (community.length < minSize) continue
    for (const member of community) taken[member] = 1
    communities.push(community)
  }
  slices.finish()
  return communities.sort((a, b) => b.length - a.length)
}

/** Finds what is near to a row. */
class Neighbours {
  readonly count: number
  readonly slices: Slices
  readonly #threshold: number
  readonly #step: number
  readonly #score: ReturnType<typeof createRowScorer>
  readonly #scores: Float32Array

  constructor(embeddings: FloatRows, threshold: number, options: LongWorkOptions) {
    this.count = embeddings.count
    this.#threshold = threshold
    this.#step = rowsOfStep(embeddings.dim)
    this.#score = createRowScorer('cosine', embeddings, embeddings)
    this.#scores = new Float32Array(embeddings.count)
    this.slices = new Slices(options)
  }

  /** Indices of rows that are near enough, the nearest first. */
  async of(row: number): Promise<Uint32Array> {
    const scores = this.#scores
    const near: number[] = []
    for (let start = 0; start < this.count; start += this.#step) {
      const end = Math.min(start + this.#step, this.count)
      this.#score(row, start, end, scores)
      for (let other = start; other < end; other++) {
        if ((scores[other] as number) >= this.#threshold) near.push(other)
      }
      if (this.slices.isOver) await this.slices.rest()
    }
    // A stable sort: of equal scores the smaller index comes first.
    return Uint32Array.from(near.sort((a, b) => (scores[b] as number) - (scores[a] as number)))
  }
}
