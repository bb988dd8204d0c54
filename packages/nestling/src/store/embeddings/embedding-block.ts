import { toHex } from '@nestling/kit/math/hex'
import type { BlockName } from './block-name.js'
import type { StoredBlockIndex } from './stored-block.js'
import type { StoredVector } from './stored-vector.js'
import { DIGEST_BYTES, packDigests } from './text-digest.js'

/** Vectors and what is known of their texts, in the form in which they are stored. */
export interface EmbeddingBlock {
  readonly index: StoredBlockIndex
  readonly vectors: Float32Array<ArrayBuffer>
  /** Bytes of index and vectors together. */
  readonly sizeBytes: number
}

/** A vector and the digest of its text. */
export type EmbeddingRow = readonly [digest: string, stored: StoredVector]

/**
 * Tells what a vector of a block takes.
 *
 * @param dim - Its components.
 * @returns Bytes, those of the index included.
 */
export function rowBytes(dim: number): number {
  return DIGEST_BYTES + Int32Array.BYTES_PER_ELEMENT + dim * Float32Array.BYTES_PER_ELEMENT
}

/**
 * Packs vectors of one length.
 *
 * @param partition - What the checksum says that they belong to.
 * @param rows - Digest of each text and its vector.
 * @param dim - Components of each vector.
 */
export async function packBlock(
  partition: string,
  rows: readonly EmbeddingRow[],
  dim: number,
): Promise<EmbeddingBlock> {
  const vectors = new Float32Array(rows.length * dim)
  rows.forEach(([, { vector }], row) => {
    vectors.set(vector, row * dim)
  })
  const parts = {
    dim,
    digests: packDigests(rows.map(([digest]) => digest)),
    tokenCounts: Int32Array.from(rows, ([, { tokenCount }]) => tokenCount),
  }
  const checksum = await checksumOf(partition, parts, vectors)
  return { index: { ...parts, checksum }, vectors, sizeBytes: rows.length * rowBytes(dim) }
}

/**
 * Tells whether a block is as it was written.
 *
 * @returns Whether nothing of it has changed.
 */
export async function isBlockWhole(
  { partition, count }: BlockName,
  index: StoredBlockIndex,
  vectors: Float32Array<ArrayBuffer>,
): Promise<boolean> {
  if (!isIndexWhole(index, count) || vectors.length !== count * index.dim) return false
  return (await checksumOf(partition, index, vectors)) === index.checksum
}

/**
 * Tells whether the parts of an index fit each other.
 *
 * @param index - What was stored.
 * @param count - Texts of the block.
 * @returns Whether they do.
 */
export function isIndexWhole({ digests, tokenCounts }: StoredBlockIndex, count: number): boolean {
  return digests.length === count * DIGEST_BYTES && tokenCounts.length === count
}

async function checksumOf(
  partition: string,
  { dim, digests, tokenCounts }: Omit<StoredBlockIndex, 'checksum'>,
  vectors: Float32Array<ArrayBuffer>,
): Promise<string> {
  const head = new TextEncoder().encode(JSON.stringify([partition, dim, tokenCounts.length]))
  // The vectors' own digest stands for them, so that the largest part is not copied.
  const inner = new Uint8Array(await crypto.subtle.digest('SHA-256', vectors))
  const counts = new Uint8Array(tokenCounts.buffer, tokenCounts.byteOffset, tokenCounts.byteLength)
  const all = new Uint8Array(head.length + digests.length + counts.length + inner.length)
  let at = 0
  for (const part of [head, digests, counts, inner]) {
    all.set(part, at)
    at += part.length
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', all))
  return toHex(digest.subarray(0, DIGEST_BYTES))
}
