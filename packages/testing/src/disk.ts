import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Golden } from './golden.ts'

/** Folder of the tiny models. */
const MODELS = join(import.meta.dirname, '../fixtures/models')

/**
 * Gives the path of a file of a tiny model.
 *
 * @param model - Name of the model.
 * @param file - Path in its folder.
 */
export function fixturePath(model: string, file: string): string {
  return join(MODELS, model, file)
}

/**
 * Reads a JSON file of a tiny model.
 *
 * @param model - Name of the model.
 * @param file - Path in its folder.
 * @returns Its value.
 */
export function readFixtureJson(model: string, file: string): unknown {
  return JSON.parse(readFileSync(fixturePath(model, file), 'utf8'))
}

/**
 * Reads the golden file of a tiny model.
 *
 * @param model - Name of the model.
 * @returns What Python gives.
 */
export function readGolden(model: string): Golden {
  return readFixtureJson(model, 'golden.json') as Golden
}

/**
 * Lists the files of a tiny model with URLs that work without a server.
 *
 * @param model - Name of the model.
 * @returns Path and `data:` URL of each file.
 */
export function listFixtureFiles(model: string): { path: string; url: string }[] {
  const folder = join(MODELS, model)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'golden.json')
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { path: relative(folder, path).replaceAll('\\', '/'), url: dataUrl(readFileSync(path)) }
    })
}

/** Changes of a folder: a text takes a file's place, `undefined` takes the file away. */
export type FolderChanges = Readonly<Record<string, string | undefined>>

/**
 * Lists the files of a tiny model with some of them changed.
 *
 * @param model - Name of the model.
 * @param changes - What to change, by path.
 * @returns Path and `data:` URL, or text, of each file.
 */
export function listChangedFiles(
  model: string,
  changes: FolderChanges,
): { path: string; url?: string; text?: string }[] {
  const kept = listFixtureFiles(model).filter(({ path }) => !Object.hasOwn(changes, path))
  const added = Object.entries(changes).flatMap(([path, text]) => (text === undefined ? [] : [{ path, text }]))
  return [...kept, ...added]
}

/**
 * Writes a JSON file of a tiny model with some values changed.
 *
 * @param model - Name of the model.
 * @param path - Path in its folder; a file that is not there counts as empty.
 * @param values - Values to set; `undefined` takes a key away.
 * @returns The file's text.
 */
export function changeFixtureJson(model: string, path: string, values: Readonly<Record<string, unknown>>): string {
  const original = existsSync(fixturePath(model, path)) ? (readFixtureJson(model, path) as object) : {}
  return JSON.stringify({ ...original, ...values })
}

/** Gives bytes a URL that works without a server. */
export function dataUrl(bytes: Uint8Array): string {
  return `data:application/octet-stream;base64,${Buffer.from(bytes).toString('base64')}`
}
