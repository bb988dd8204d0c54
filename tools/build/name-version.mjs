import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Writes a package's version in the place of `build` in its `'name@build'`, by which its page and its worker know each other: those of
 * two versions do not understand each other.
 *
 * @param {string} root Folder of the package.
 * @returns {import('vite').Plugin} The plug-in.
 */
export function nameVersion(root) {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { name, version } = /** @type {{ name: string, version: string }} */ (manifest)
  const placeholder = `'${name}@build'`
  return {
    name: 'name-version',
    enforce: 'pre',
    transform: (code) =>
      code.includes(placeholder)
        ? { code: code.replace(placeholder, JSON.stringify(`${name}@${version}`)), map: null }
        : undefined,
  }
}
