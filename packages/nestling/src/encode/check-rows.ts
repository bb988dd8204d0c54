import type { Engine } from '../engine/engine.js'
import { EmbedderError } from '../wire/embedder-error.js'
import type { TextPart } from './text-task.js'

/**
 * Refuses vectors that cannot be right: broken drivers answer with NaN, infinity or zeros, and a caller must never take that for a
 * vector.
 *
 * @param rows - `[parts, dim]`, row-major.
 * @param parts - What was run.
 * @param engine - What ran it.
 * @param isStatic - Whether the model is a table of vectors, whose rows may be zero.
 * @throws {EmbedderError} `run-failed` if a number is not finite, or a vector is zero although tokens were pooled.
 */
export function checkRows(rows: Float32Array, parts: readonly TextPart[], engine: Engine, isStatic: boolean): void {
  const dim = rows.length / parts.length
  for (const [row, { encoding, skippedTokens }] of parts.entries()) {
    let size = 0
    for (let index = row * dim; index < (row + 1) * dim; index++) size += Math.abs(rows[index] as number)
    if (!Number.isFinite(size)) throw brokenRow('numbers that are not finite', engine)
    const isZeroFine = isStatic || encoding.ids.length <= skippedTokens
    if (size === 0 && !isZeroFine) throw brokenRow('a vector of zeros', engine)
  }
}

function brokenRow(what: string, { device, runtime }: Engine): EmbedderError {
  return new EmbedderError(
    'run-failed',
    `Cannot encode as ${device} gave ${what}\nLoad the model with device: 'wasm' if that is another device`,
    { details: { device, runtime } },
  )
}
