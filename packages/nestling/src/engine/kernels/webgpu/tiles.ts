import type { Tile } from './shaders/product.js'
import type { Tiles } from './product-kernels.js'

/**
 * Where the CPU plays a GPU, workgroup memory is only more to copy. A query has the smaller kernel, which SwiftShader compiles in half the
 * time: a second of the load, for a tenth of one in each query.
 */
export const SOFTWARE_TILES = 'direct-16x1x2/direct-16x1x4'

/** What a GPU gets until it has been tried. */
export const DEFAULT_TILES = 'direct-16x8x4/shared-16x16x4'

/**
 * Reads how products are cut.
 *
 * @param name - Tile for a few rows and tile for more; each with its kind, invocations along columns and along lines or slices, and
 * rows of each.
 * @returns `undefined` if it is no name of tiles.
 */
export function tilesOf(name: string): Tiles | undefined {
  const [few, bulk] = name.split('/').map(tileOf)
  return few === undefined || bulk === undefined ? undefined : { few, bulk }
}

/**
 * Reads how one product is cut.
 *
 * @param name - Kind, invocations along columns and along lines or slices, and rows of each.
 * @returns `undefined` if it is no name of a tile.
 */
export function tileOf(name: string): Tile | undefined {
  const [, kind, ...sizes] = /^(shared|direct)-(\d+)x(\d+)x(\d+)$/.exec(name) ?? []
  const [columns = 0, lines = 0, rows = 0] = sizes.map(Number)
  if (kind === 'shared') return { kind, columns, lines, rows }
  return kind === 'direct' ? { kind, columns, slices: lines, rows } : undefined
}
