import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import process from 'node:process'

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')
/** Its sources are compiled along with those that import them, and bundled; nobody can install it. */
const KIT = '@nestling/kit'

/**
 * Writes the types of a package to its dist/.
 *
 * @param {string} root Folder of the package, with a tsconfig.build.json.
 * @throws {Error} If one of them names the kit.
 */
export function writeTypes(root) {
  const all = join(root, 'node_modules/.cache/types')
  rmSync(all, { recursive: true, force: true })
  execFileSync(process.execPath, [TSC, '-p', join(root, 'tsconfig.build.json'), '--outDir', all], { stdio: 'inherit' })
  const own = join(all, basename(root), 'src')
  const named = readdirSync(own, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.d.ts') && readFileSync(join(own, file), 'utf8').includes(KIT),
  )
  if (named.length > 0) {
    throw new Error(`Cannot ship types of ${KIT}: they are named in ${named.join(', ')} of ${basename(root)}`)
  }
  cpSync(own, join(root, 'dist'), { recursive: true })
}
