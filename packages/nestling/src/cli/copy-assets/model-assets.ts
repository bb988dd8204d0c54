import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ModelPackage } from '../../model/model-package.js'
import { isModelPackage } from '../models/find-model.js'
import type { Asset } from './asset.js'
import { CopyAssetsError } from './copy-assets-error.js'
import { messageOf } from './package-assets.js'

/** What is wanted of a model package. */
export interface ModelAssetsOptions {
  /** The folder that it is installed for. */
  readonly from: string
  /** Whether its modules are to lie beside its files, for pages without a bundler. */
  readonly hasModules: boolean
}

/**
 * Lists the files of an installed model package, below `models/ID@VERSION/`, where `modelFromAssets` looks for them.
 *
 * @param name - Name of the npm package.
 * @param options - Where it is and what is wanted.
 * @returns Licence and notice, and every file of the model folder, also those whose text travels in the package: the copy is a whole
 * model folder.
 * @throws {CopyAssetsError} `package-not-found` if it is not installed, `package-invalid` if it exports no model.
 */
export async function modelAssets(name: string, { from, hasModules }: ModelAssetsOptions): Promise<readonly Asset[]> {
  const entry = resolvePackage(name, from)
  const model = findModel(name, await importEntry(name, entry))
  const folder = `models/${model.id}@${model.version}/`
  const files = model.files.map(({ path, sizeBytes, sha256, url, text }) => {
    const source = url === undefined ? { text: text ?? '' } : { file: fileOf(url, name) }
    return { path: folder + checkPath(path, name), sizeBytes, sha256, source }
  })
  const all = [...licencesOf(entry, folder), ...files]
  return hasModules ? [...all, ...modulesBeside(entry, folder)] : all
}

/** Who passes a model on passes its licence and attribution on. */
function licencesOf(entry: string, folder: string): readonly Asset[] {
  let root = dirname(entry)
  while (!existsSync(join(root, 'package.json')) && root !== dirname(root)) root = dirname(root)
  const names = readdirSync(root).filter((name) => /^(licen[cs]e|notice)(\.(md|txt))?$/i.test(name))
  return names.map((name) => describe(join(root, name), folder + name))
}

/** The entry names its files by URLs from itself, so it may lie wherever they lie. */
function modulesBeside(entry: string, folder: string): readonly Asset[] {
  const names = readdirSync(dirname(entry)).filter((name) => name.endsWith('.js'))
  return names.map((name) => describe(join(dirname(entry), name), folder + name))
}

/** A file that the model's own list does not name. */
function describe(file: string, path: string): Asset {
  const bytes = readFileSync(file)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { path, sizeBytes: bytes.byteLength, sha256, source: { file } }
}

function checkPath(path: string, name: string): string {
  if (!/^[\\/]|^[A-Za-z]:|(^|[\\/])\.\.([\\/]|$)/.test(path)) return path
  throw new CopyAssetsError(
    'package-invalid',
    `Cannot copy ${name} as the paths of its files must lie in its folder: current value is ${path}`,
  )
}

function findModel(name: string, exported: Readonly<Record<string, unknown>>): ModelPackage {
  const models = Object.values(exported).filter(isModelPackage)
  const [model] = models
  if (model !== undefined && models.length === 1) return model
  throw new CopyAssetsError(
    'package-invalid',
    `Cannot copy ${name} as a model package must export one model: current value is ${models.length}`,
  )
}

function resolvePackage(name: string, from: string): string {
  try {
    return createRequire(join(from, 'package.json')).resolve(name)
  } catch (cause) {
    throw new CopyAssetsError(
      'package-not-found',
      `Cannot copy ${name} as it is not installed for ${from}\nRun npm install ${name}, or start the command in your project`,
      cause,
    )
  }
}

async function importEntry(name: string, entry: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new CopyAssetsError('package-invalid', `Cannot copy ${name} as it cannot be read: ${messageOf(cause)}`, cause)
  }
}

function fileOf(url: string, name: string): string {
  if (url.startsWith('file:')) return fileURLToPath(url)
  throw new CopyAssetsError(
    'package-invalid',
    `Cannot copy ${name} as its files must lie in it: current value is ${url}`,
  )
}
