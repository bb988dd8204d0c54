import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Asset } from './asset.js'
import { CopyAssetsError } from './copy-assets-error.js'

/** Sets of files, as the build lists them in {@link ASSET_LIST}. */
export const ASSET_SETS = [
  'default',
  'onnx',
  'onnx-asyncify',
  'transformers',
  'transformers-asyncify',
  'modules',
] as const

/** One of {@link ASSET_SETS}. */
export type AssetSet = (typeof ASSET_SETS)[number]

/** The build's list of what lies beside it. */
const ASSET_LIST = 'assets.json'

type AssetList = Readonly<Record<AssetSet, readonly Omit<Asset, 'source'>[]>>

/**
 * Lists files of this package.
 *
 * @param folder - The package's `dist`.
 * @returns Files, each once.
 * @throws {CopyAssetsError} `package-damaged` if the build's list is missing or not readable.
 */
export function packageAssets(folder: string, sets: readonly AssetSet[]): readonly Asset[] {
  const list = readList(join(folder, ASSET_LIST))
  return sets.flatMap((set) => list[set].map((file) => ({ ...file, source: { file: join(folder, file.path) } })))
}

function readList(file: string): AssetList {
  try {
    const list = JSON.parse(readFileSync(file, 'utf8')) as AssetList
    const missing = ASSET_SETS.find((set) => !Array.isArray(list[set]))
    if (missing !== undefined) throw new Error(`it has no list ${missing}`)
    return list
  } catch (cause) {
    throw new CopyAssetsError(
      'package-damaged',
      `Cannot copy assets as ${file} cannot be read: ${messageOf(cause)}\nInstall nestling again`,
      cause,
    )
  }
}

/**
 * Gives the words of a caught value.
 *
 * @param error - Anything that was thrown.
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
