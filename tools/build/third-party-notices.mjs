import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const LICENSE_FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt']

/**
 * Writes the licences that must travel with what a bundle holds, is compiled from or was copied from.
 *
 * @param {Iterable<string>} folders Of the packages; one that comes twice is named once.
 * @returns {string} The text of THIRD-PARTY-NOTICES.
 */
export function thirdPartyNotices(folders) {
  /** @type {Map<string, string>} */
  const texts = new Map()
  for (const folder of folders) {
    const manifest = /** @type {unknown} */ (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    const { name, version, license } = /** @type {Record<'name' | 'version' | 'license', string>} */ (manifest)
    const text = readLicense(folder) ?? `Licensed under ${license}.`
    texts.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${text.trim()}\n`)
  }
  return [...texts.values()].join('\n----\n\n')
}

/** @param {string} folder */
function readLicense(folder) {
  const file = LICENSE_FILES.map((name) => join(folder, name)).find((path) => existsSync(path))
  return file === undefined ? undefined : readFileSync(file, 'utf8')
}
