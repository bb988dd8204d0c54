import type { EmbeddingSpace } from 'nestling'
import type { RowForms } from '../score/row-layout.js'
import type { Scoring } from '../wire/scoring.js'
import type { IndexIdentity } from '../store/stored-index.js'
import { failure } from '../wire/failure.js'
import type { IndexPrecision, OpenRequest } from '../wire/protocol.js'

/** Rows up to which `auto` compares with all of them: that takes about 2 ms then. */
const EXACT_ROWS = 10_000

/** Precisions whose rows are scanned nearly as fast as their signs: these would only take room beside them. */
const SMALL_PRECISIONS: readonly IndexPrecision[] = ['int2', 'binary']

/**
 * Says which forms of its rows an index keeps.
 *
 * @param request - What the index is made with.
 * @returns The forms. Rows of 1 bit are kept where they are small beside the others, or are asked for.
 */
export function formsOf({ scoring, isNested }: OpenRequest, precision: IndexPrecision): RowForms {
  const isFloat = precision === 'float32'
  const isLarge = !SMALL_PRECISIONS.includes(precision)
  const coarser: IndexPrecision[] = []
  if (isFloat && scoring === 'int8') coarser.push('int8')
  if (isFloat || scoring === 'binary' || (scoring === 'auto' && !isNested && isLarge)) coarser.push('binary')
  return [precision, ...coarser.filter((form) => form !== precision)]
}

/**
 * Chooses the scoring of a search.
 *
 * @param wanted - What was asked for, if anything was.
 * @param request - What the index was made with.
 * @param forms - What is kept.
 * @param rows - Rows in the index.
 * @throws {TypeError} If it needs rows that are not kept.
 */
export function chooseScoring(
  wanted: Scoring | 'auto' | undefined,
  { scoring, isNested }: OpenRequest,
  forms: RowForms,
  rows: number,
): Scoring {
  const asked = wanted ?? scoring
  if (asked === 'auto') {
    if (rows <= EXACT_ROWS || SMALL_PRECISIONS.includes(forms[0])) return 'exact'
    return isNested || !forms.includes('binary') ? 'funnel' : 'binary'
  }
  if (asked === 'exact' || asked === 'funnel' || forms.includes(asked)) return asked
  const remedy = asked === 'int8' && forms[0] !== 'float32' ? 'precision' : 'scoring'
  throw new TypeError(
    `Cannot search as scoring needs rows that this index does not keep: current value is ${asked}\nMake the index with ${remedy}: '${asked}'`,
  )
}

/**
 * Makes sure that a stored index is what the page wants.
 *
 * @throws {RangeError} If the dims differ.
 * @throws {TypeError} If precision or similarity differ.
 */
export function checkSettings(
  stored: IndexIdentity,
  request: Pick<OpenRequest, 'dim' | 'precision' | 'similarity'>,
): void {
  if (request.dim !== undefined && request.dim !== stored.dim) {
    throw new RangeError(
      `Cannot open the index as its dim is ${stored.dim}: current value is ${request.dim}\nUse dim: ${stored.dim}, or another store`,
    )
  }
  for (const name of ['precision', 'similarity'] as const) {
    const wanted = request[name]
    if (wanted === undefined || wanted === stored[name]) continue
    throw new TypeError(
      `Cannot open the index as its ${name} is ${stored[name]}: current value is ${wanted}\nUse ${name}: '${stored[name]}', or another store`,
    )
  }
}

/**
 * Makes sure that vectors belong to an index.
 *
 * @param stored - The space of the index; `null` where nobody said.
 * @param space - That of the vectors; `undefined` where the caller does not know.
 * @throws {EmbedderError} `space-mismatch` if they are of another model.
 */
export function checkSpace(stored: EmbeddingSpace | null, space: EmbeddingSpace | undefined): void {
  if (stored === null || space === undefined || stored.id === space.id) return
  throw failure(
    'space-mismatch',
    `Cannot compare vectors of ${space.model} with this index as its vectors are of ${stored.model}\nUse the model that it was made with, or clear() the index, made without an embedder, and add its documents again`,
    { details: { index: stored.id, vectors: space.id } },
  )
}

/**
 * Makes sure that vectors are as long as those of an index.
 *
 * @param dim - Dim of the index; `undefined` where there is none yet.
 * @throws {RangeError} If they differ.
 */
export function checkDim(dim: number | undefined, given: number): void {
  if (dim === undefined || dim === given) return
  throw new RangeError(`Cannot use vectors as the dim of the index is ${dim}: current value is ${given}`)
}
