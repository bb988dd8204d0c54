import type { FloatRows } from '@nestling/kit/math/float-rows'
import { checkPositiveInteger } from '@nestling/kit/options/check-options'
import type { ScoredPair } from '@nestling/kit/math/paraphrase-pairs'
import { communityDetection } from '../mining/community-detection.js'
import { paraphraseMiningEmbeddings } from '../mining/paraphrase-mining.js'
import type { LongWorkOptions } from '../mining/slices.js'
import type { DocumentId } from '../wire/document-id.js'
import type { DocumentPair, MiningAnswer, MiningRequest } from '../wire/protocol.js'
import type { IndexContents } from './index-contents.js'
import { nearestPairs } from './nearest-pairs.js'

/** Share of the work that is worth a message. */
const PROGRESS_STEP = 0.01

/** Python's default for the rows that each row names. */
const DEFAULT_TOP_K = 100

/**
 * Compares all rows of an index with all, by cosine.
 *
 * @param contents - The index; `undefined` for one without documents.
 * @param request - What to look for.
 * @param work - Who may end it and is told of its progress, and the kernels, compiled.
 * @returns Documents that belong together. One with several passages is in a pair or a community as soon as one of them is.
 */
export async function mineDocuments(
  contents: IndexContents | undefined,
  request: MiningRequest,
  { signal, onProgress, module }: LongWorkOptions & { readonly module: WebAssembly.Module },
): Promise<MiningAnswer> {
  if (contents === undefined) return { pairs: [], communities: [] }
  let told = 0
  const work: LongWorkOptions = {
    signal,
    onProgress: (share) => {
      if (share < 1 && share - told < PROGRESS_STEP) return
      told = share
      onProgress?.(share)
    },
  }
  const { rows, owners } = gather(contents)
  const idOf = (row: number): DocumentId => contents.documents.at(owners[row] as number)?.id as DocumentId
  if (request.kind === 'paraphrase') {
    const maxPairs = checkPositiveInteger('mine paraphrases', 'maxPairs', request.maxPairs)
    const topK = checkPositiveInteger('mine paraphrases', 'topK', request.topK)
    const toPair = ({ score, i, j }: ScoredPair): DocumentPair => ({ score, ids: [idOf(i), idOf(j)] })
    // No pair can be left out by a row that has nearer ones: these alone would be enough.
    if (maxPairs !== undefined && maxPairs <= (topK ?? DEFAULT_TOP_K)) {
      const found = await nearestPairs(module, { rows, owners }, maxPairs, work)
      return { pairs: found.map(toPair), communities: [] }
    }
    const found = await paraphraseMiningEmbeddings(rows, { maxPairs, topK, ...work })
    return { pairs: onceEach(found.map(toPair)), communities: [] }
  }
  const { threshold, minCommunitySize } = request
  const found = await communityDetection(rows, { threshold, minCommunitySize, ...work })
  const communities = found.map((members) => [...new Set(members.map(idOf))])
  return { pairs: [], communities }
}

/** The best of the pairs of each two documents; a document is no pair with itself. */
function onceEach(pairs: readonly MiningAnswer['pairs'][number][]): MiningAnswer['pairs'] {
  const known = new Map<DocumentId, Set<DocumentId>>()
  return pairs.filter(({ ids: [a, b] }) => {
    if (a === b || known.get(a)?.has(b) === true || known.get(b)?.has(a) === true) return false
    known.set(a, (known.get(a) ?? new Set()).add(b))
    return true
  })
}

/** All rows as float32, each with the place of its document. */
function gather({ rows, documents, identity: { dim } }: IndexContents): { rows: FloatRows; owners: Int32Array } {
  const owners = new Int32Array(rows.count)
  let count = 0
  const data = new Float32Array(rows.count * dim)
  for (const place of documents.places()) {
    for (const row of documents.rowsOf(place)) {
      data.set(rows.read(row).values, count * dim)
      owners[count++] = place
    }
  }
  return { rows: { data, count, dim }, owners }
}
