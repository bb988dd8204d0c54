import { HEAD_DIM } from '../score/row-layout.js'
import type { RowMemory } from '../score/row-memory.js'
import { RowScan } from '../score/row-scan.js'
import type { Scoring } from '../wire/scoring.js'
import { nearnessOf } from './find-documents.js'
import type { SearchGround } from './search-ground.js'

/** How near documents are by one look at all of their rows. */
export interface BestScores {
  /** By place: what `nearnessOf` makes of its rows, in the unit of their form; minus infinity without rows, or where it may not be found. */
  readonly scores: Float32Array
  readonly highest: number
  readonly lowest: number
}

/**
 * Scores every document by its rows: in full where the scoring is `exact`, else by the form that it looks at first.
 *
 * @param vector - The query.
 */
export function bestScores({ contents, scoring, allowed }: SearchGround, vector: Float32Array): BestScores {
  const { rows, documents, identity } = contents
  const { owners } = documents
  const scores = new Float32Array(documents.end).fill(-Infinity)
  const scan = new RowScan(rows, { vector, similarity: identity.similarity, scoring, owners, allowed })
  const { form, components } = firstForm(rows, scoring)
  const sums = new Float32Array(documents.end)
  const counts = new Int32Array(documents.end)
  scan.each(form, components, (first, some) => {
    for (let index = 0; index < some.length; index++) {
      const place = owners[first + index] as number
      if (place < 0) continue
      const score = some[index] as number
      if (score > (scores[place] as number)) scores[place] = score
      sums[place] = (sums[place] as number) + score
      counts[place] = (counts[place] as number) + 1
    }
  })
  let highest = -Infinity
  let lowest = Infinity
  for (let place = 0; place < scores.length; place++) {
    const count = counts[place] as number
    const isFound = count > 0 && (allowed === undefined || allowed[place] === 1)
    scores[place] = isFound ? nearnessOf(scores[place] as number, (sums[place] as number) / count) : -Infinity
    // As it is kept, in float32: the lowest is looked for among them.
    const score = scores[place] as number
    highest = Math.max(highest, score)
    if (isFound) lowest = Math.min(lowest, score)
  }
  return { scores, highest, lowest }
}

function firstForm(
  rows: RowMemory,
  scoring: Scoring,
): { readonly form: RowMemory['finest']; readonly components: number | undefined } {
  if (scoring === 'int8' || scoring === 'binary') return { form: scoring, components: undefined }
  return { form: rows.finest, components: scoring === 'funnel' ? HEAD_DIM : undefined }
}
