import type { Kernel } from './gpu-step.js'
import { productShader, tileRows, tileWords, type Tile, type WeightKind } from './shaders/product.js'

/** Up to this many rows a product is bound by reading weights. */
export const FEW_ROWS = 16

/** How products are cut: for a few rows, and for more. */
export interface Tiles {
  readonly few: Tile
  readonly bulk: Tile
}

/**
 * Makes the kernel of a product.
 *
 * @param words - Words of four columns that it gives.
 * @param counts - What its rows are.
 */
export function productKernel(kind: WeightKind, tile: Tile, words: number, counts: 'rows' | 'texts'): Kernel {
  return {
    code: productShader(kind, tile),
    groups: (size) => [Math.ceil(words / tileWords(tile)), Math.ceil(size[counts] / tileRows(tile))],
  }
}
