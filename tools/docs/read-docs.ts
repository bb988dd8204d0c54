import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The folder of the workspace. */
export const ROOT = join(import.meta.dirname, '../..')

/**
 * Reads every Markdown file that people read.
 *
 * @returns Their texts by path from the root.
 */
export function readDocs(): Map<string, string> {
  const folders = ['.', 'docs', ...foldersOf('packages'), ...foldersOf('examples')]
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
      .map((name) => relative(ROOT, join(ROOT, folder, name))),
  )
  return new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
}

function foldersOf(group: string): string[] {
  const names = readdirSync(join(ROOT, group)).filter((name) => statSync(join(ROOT, group, name)).isDirectory())
  return names.map((name) => `${group}/${name}`)
}
