import type { FloatRows } from '@nestling/kit/math/float-rows'
import { communityDetection } from '../mining/community-detection.js'
import { paraphraseMiningEmbeddings } from '../mining/paraphrase-mining.js'
import type { LongWorkOptions } from '../mining/slices.js'
import type { DocumentId } from '../wire/document-id.js'
import type { MiningAnswer, MiningRequest } from '../wire/protocol.js'
import type { IndexContents } from './index-contents.js'

/** Share of the work that is worth a message. */
const PROGRESS_STEP = 0.01

/**
 * Compares all rows of an index with all, by cosine.
 *
 * @param contents - The index; `undefined` for one without documents.
 * @param request - What to look for.
 * @param work - Who may end it and is told of its progress.
 * @returns Documents that belong together. One with several passages is in a pair or a community as soon as one of them is.
 */
export async function mineDocuments(
  contents: IndexContents | undefined,
  request: MiningRequest,
  { signal, onProgress }: LongWorkOptions,
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
  const { rows, ids } = gather(contents)
  if (request.kind === 'paraphrase') {
    const { maxPairs, topK } = request
    const found = await paraphraseMiningEmbeddings(rows, { maxPairs, topK, ...work })
    const pairs = found.map(({ score, i, j }) => ({ score, ids: [ids[i], ids[j]] as [DocumentId, DocumentId] }))
    return { pairs: onceEach(pairs), communities: [] }
  }
  const { threshold, minCommunitySize } = request
  const found = await communityDetection(rows, { threshold, minCommunitySize, ...work })
  const communities = found.map((members) => [...new Set(members.map((row) => ids[row] as DocumentId))])
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

/** All rows as float32, each with its document. */
function gather({ rows, documents, identity: { dim } }: IndexContents): { rows: FloatRows; ids: DocumentId[] } {
  const ids: DocumentId[] = []
  const data = new Float32Array(rows.count * dim)
  for (const place of documents.places()) {
    for (const row of documents.rowsOf(place)) {
      data.set(rows.read(row).values, ids.length * dim)
      ids.push(documents.at(place)?.id as DocumentId)
    }
  }
  return { rows: { data, count: ids.length, dim }, ids }
}
