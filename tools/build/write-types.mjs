import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative } from 'node:path'
import process from 'node:process'

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')
/** Its sources are compiled along with those that import them, and bundled; nobody can install it. */
const KIT = '@nestling/kit'

/**
 * Writes the types of a package to its dist/: those that its exports lead to.
 *
 * @param {string} root Folder of the package, with a tsconfig.build.json.
 * @throws {Error} If one of them names the kit.
 */
export function writeTypes(root) {
  const all = join(root, 'node_modules/.cache/types')
  rmSync(all, { recursive: true, force: true })
  execFileSync(process.execPath, [TSC, '-p', join(root, 'tsconfig.build.json'), '--outDir', all], { stdio: 'inherit' })
  const own = join(all, basename(root), 'src')
  const shipped = followImports(entriesOf(root).map((entry) => join(own, entry)))
  const named = [...shipped].filter(([, text]) => text.includes(KIT)).map(([file]) => relative(own, file))
  if (named.length > 0) {
    throw new Error(`Cannot ship types of ${KIT}: they are named in ${named.join(', ')} of ${basename(root)}`)
  }
  for (const file of shipped.keys()) cpSync(file, join(root, 'dist', relative(own, file)))
}

/**
 * @param {string} root Folder of the package.
 * @returns {string[]} Files of types that its exports name, below its dist/.
 */
function entriesOf(root) {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { exports } = /** @type {{ exports: Record<string, { types?: string }> }} */ (manifest)
  const types = Object.values(exports).flatMap((target) => target.types ?? [])
  return [...new Set(types)].map((path) => relative('dist', path))
}

/**
 * @param {readonly string[]} files Paths.
 * @returns {ReadonlyMap<string, string>} Their texts by path, and those of all that they import.
 */
function followImports(files) {
  /** @type {Map<string, string>} */
  const texts = new Map()
  /** @param {string} file */
  const visit = (file) => {
    if (texts.has(file)) return
    const text = readFileSync(file, 'utf8')
    texts.set(file, text)
    for (const [, specifier = ''] of text.matchAll(/(?:from |import\(|import )['"](\.[^'"]+)\.js['"]/g)) {
      visit(join(dirname(file), `${specifier}.d.ts`))
    }
  }
  files.forEach(visit)
  return texts
}
