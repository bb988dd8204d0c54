import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { parsePythonJson } from '../../packages/nestling/src/model/configs/python-json.js'
import { writeManifest } from './model-manifest.js'
import { packGolden } from './pack-golden.js'
import { packWeights } from './pack-weights.js'

const WEIGHT_PATHS: readonly string[] = ['2_Dense/model.safetensors', 'model.safetensors']
const GOLDEN_PATH = 'golden.json'
const COPIED_PATHS: readonly string[] = [
  '1_Pooling/config.json',
  '2_Dense/config.json',
  'config.json',
  'config_sentence_transformers.json',
  'modules.json',
  'sentence_bert_config.json',
  'special_tokens_map.json',
  'tokenizer.json',
  'tokenizer_config.json',
]
const PACKED_PATHS: readonly string[] = [...WEIGHT_PATHS, GOLDEN_PATH, ...COPIED_PATHS]

/** The card of the package is written by hand: it says more than that of the source. */
const LEFT_OUT_PATHS: readonly string[] = ['README.md']

/** One file that the packer wrote. */
export interface PackedFile {
  /** Path in the package. */
  readonly path: string
  readonly sizeBytes: number
}

/**
 * Packs a float32 sentence-transformers folder into a model package: `model/` in int8 and `src/manifest.ts`.
 *
 * Equal sources give equal bytes. Everything is read and checked before the first file is written, and no file is deleted.
 *
 * @returns The files written.
 * @throws {Error} If a file is missing, invalid or unknown in the source, or unknown in the package's `model/`.
 */
export async function packFolder(sourceFolder: string, packageFolder: string): Promise<readonly PackedFile[]> {
  const modelFolder = join(packageFolder, 'model')
  await refuseOthers(sourceFolder, [...PACKED_PATHS, ...LEFT_OUT_PATHS])
  // A stray file would be published with the package although the manifest does not vouch for it.
  await refuseOthers(modelFolder, PACKED_PATHS)
  const files = new Map<string, Uint8Array>()
  for (const path of PACKED_PATHS) files.set(path, packFile(path, await readFile(join(sourceFolder, path))))
  const written = new Map<string, Uint8Array>()
  for (const [path, bytes] of files) written.set(join('model', path), bytes)
  written.set(join('src', 'manifest.ts'), new TextEncoder().encode(writeManifest(files)))
  for (const [path, bytes] of written) {
    await mkdir(dirname(join(packageFolder, path)), { recursive: true })
    await writeFile(join(packageFolder, path), bytes)
  }
  return Array.from(written, ([path, bytes]) => ({ path, sizeBytes: bytes.byteLength }))
}

function packFile(path: string, source: Buffer): Uint8Array {
  if (WEIGHT_PATHS.includes(path)) return packWeights(source, path)
  const text = source.toString('utf8')
  if (path === GOLDEN_PATH) return new TextEncoder().encode(packGolden(text))
  try {
    parsePythonJson(text)
  } catch (cause) {
    throw new TypeError(`Cannot pack ${path} as it must be JSON`, { cause })
  }
  return source
}

async function refuseOthers(folder: string, known: readonly string[]): Promise<void> {
  for (const path of await listFiles(folder)) {
    if (known.includes(path)) continue
    throw new TypeError(
      `Cannot pack ${folder} as every file must be one the packer knows: current file is ${path}\nTeach tools/pack-model/pack-folder.ts what it is for, or remove it`,
    )
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
