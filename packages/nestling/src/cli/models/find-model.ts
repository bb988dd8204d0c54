import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ModelSource } from '../../api/source/model-source.js'
import type { ModelPackage } from '../../model/model-package.js'
import { CliError, EXIT } from '../cli-error.js'
import { importPackage, resolvePackage } from './import-package.js'

/** What is loaded where nobody names a model. */
const DEFAULT_MODEL = '@nestling/minilm-l6'

const URL_LIKE = /^(https?|file):/

/** Paths of this machine, of Windows too. */
const PATH_LIKE = /^(\.{0,2}[\\/]|\.{1,2}$|[A-Za-z]:[\\/])/

const HUB_ID = /^[\w.-]+\/[\w.-]+$/

/**
 * Finds what a user means by the name of a model: a URL, a folder, a package, or a hub's id, in this order. A folder goes before an id of
 * the same name, as in Python.
 *
 * @param name - What was typed; `undefined` for the default model.
 * @param cwd - The folder that paths are meant from, and packages are installed for.
 * @throws {CliError} If it is nothing of these, or is not there.
 */
export async function findModel(name: string | undefined, cwd: string): Promise<ModelSource> {
  if (name === undefined) return findDefault(cwd)
  if (URL_LIKE.test(name)) return name
  const folder = resolve(cwd, name)
  const kind = kindOf(folder)
  if (kind === 'folder') return pathToFileURL(`${folder}/`)
  if (kind === 'file') {
    throw new CliError(`Cannot load a model as ${folder} is a file\nName the folder that holds modules.json`)
  }
  if (PATH_LIKE.test(name)) throw new CliError(`Cannot load a model as there is no folder ${folder}\nLook at the path`)
  if (!name.startsWith('@') && HUB_ID.test(name)) return name
  if (name.startsWith('@') || resolvePackage(name, cwd) !== undefined) return importModel(name, cwd)
  throw new CliError(
    `Cannot load a model as it must be a package, a folder, a hub id (owner/name) or a URL: current value is ${name}\nA folder is written ./${name}`,
    EXIT.misuse,
  )
}

function findDefault(cwd: string): Promise<ModelPackage> {
  if (resolvePackage(DEFAULT_MODEL, cwd) !== undefined) return importModel(DEFAULT_MODEL, cwd)
  throw new CliError(
    `Cannot load the default model as ${DEFAULT_MODEL} is not installed for ${cwd}\nRun npm install ${DEFAULT_MODEL}, or name a model with --model`,
  )
}

async function importModel(name: string, cwd: string): Promise<ModelPackage> {
  const exported = await importPackage(name, { from: cwd, purpose: 'load a model' })
  const models = Object.values(exported).filter(isModelPackage)
  const [model] = models
  if (model !== undefined && models.length === 1) return model
  throw new CliError(`Cannot load a model as ${name} must export one model: current value is ${models.length}`)
}

/** Whether a package exports this as its model. */
export function isModelPackage(value: unknown): value is ModelPackage {
  if (typeof value !== 'object' || value === null) return false
  return 'id' in value && 'version' in value && 'files' in value && Array.isArray(value.files)
}

function kindOf(path: string): 'folder' | 'file' | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  return stats.isDirectory() ? 'folder' : 'file'
}
