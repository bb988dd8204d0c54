import type { EmbeddingSpace } from 'nestling'
import type { RowForms } from '../score/row-layout.js'
import type { Scoring } from '../wire/scoring.js'
import type { IndexIdentity } from '../store/stored-index.js'
import { failure } from '../wire/failure.js'
import type { IndexPrecision, OpenRequest } from '../wire/protocol.js'

/** Rows up to which `auto` compares with all of them: that takes about 2 ms then. */
const EXACT_ROWS = 10_000

/**
 * Says which forms of its rows an index keeps.
 *
 * @param request - What the index is made with.
 * @returns The forms. Signs are kept where they are small beside the rows, or are asked for.
 */
export function formsOf({ scoring, isNested }: OpenRequest, precision: IndexPrecision): RowForms {
  const isFloat = precision === 'float32'
  const needsBits = scoring === 'binary' || (scoring === 'auto' && !isNested)
  return { float32: isFloat, int8: !isFloat || scoring === 'int8', bits: isFloat || needsBits }
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
    if (rows <= EXACT_ROWS) return 'exact'
    return isNested || !forms.bits ? 'funnel' : 'binary'
  }
  const isKept = asked === 'int8' ? forms.int8 : asked === 'binary' ? forms.bits : true
  if (isKept) return asked
  throw new TypeError(
    `Cannot search as scoring needs rows that this index does not keep: current value is ${asked}\nMake the index with scoring: '${asked}'`,
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
