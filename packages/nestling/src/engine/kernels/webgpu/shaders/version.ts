import { attentionShader, attentionTile } from './attention.js'
import { HEADS } from './heads.js'
import { NORM } from './norm.js'
import { productShader } from './product.js'
import { EMBED, POOL } from './rows.js'

/** Raised when the dispatches of a layer change and no shader does. */
const PROGRAM = 1

/** Names the kernels by their sources, so that nothing is remembered of other ones. */
export function shadersVersion(): string {
  const tiles = [
    { kind: 'direct', columns: 1, slices: 2, rows: 1 },
    { kind: 'shared', columns: 1, lines: 1, rows: 1 },
  ] as const
  const products = tiles.map((tile) => productShader('q8', tile))
  const sources = [EMBED, POOL, NORM, HEADS, attentionShader(attentionTile(1)), ...products]
  return `wgsl ${PROGRAM} ${fnv1a(sources.join())}`
}

/** @see {@link http://www.isthe.com/chongo/tech/comp/fnv/ | FNV-1a}, 32 bits */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
