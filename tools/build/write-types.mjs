import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, posix } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')
/** Its sources are bundled; nobody can install it. */
const KIT = '@nestling/kit/'
const KIT_SOURCES = fileURLToPath(new URL('../../packages/kit/src', import.meta.url))
/** Of files and of modules of the kit, in types as tsc writes them. */
const SPECIFIERS = /(?<=(?:from |import\(|import )['"])(?:\.[^'"]+|@nestling\/kit\/[^'"]+)(?=['"])/g

/**
 * Writes the types of a package to its dist/: those that its exports lead to. Those of the kit are among them, in `kit/`, where the package
 * exports them on purpose.
 *
 * @param {string} root Folder of the package, with a tsconfig.build.json.
 * @throws {Error} If one names others of the kit.
 */
export function writeTypes(root) {
  const all = join(root, 'node_modules/.cache/types')
  rmSync(all, { recursive: true, force: true })
  execFileSync(process.execPath, [TSC, '-p', join(root, 'tsconfig.build.json'), '--outDir', all], { stdio: 'inherit' })
  const shipped = followImports(join(all, basename(root), 'src'), entriesOf(root))
  refuseHidden(basename(root), shipped)
  for (const [file, text] of shipped) {
    const to = join(root, 'dist', file)
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(
      to,
      text.replaceAll(SPECIFIERS, (specifier) => nameFrom(file, specifier)),
    )
  }
}

/**
 * @param {string} root Folder of the package.
 * @returns {string[]} Files of types that its exports name, below its dist/.
 */
function entriesOf(root) {
  /** @type {unknown} */
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { exports } = /** @type {{ exports: Record<string, { types?: string }> }} */ (manifest)
  return Object.values(exports).flatMap(({ types }) => (types === undefined ? [] : posix.relative('dist', types)))
}

/**
 * @param {string} own Folder of the package's own types.
 * @param {readonly string[]} entries Files below it.
 * @returns {ReadonlyMap<string, string>} Their texts, and those of all that they import, by where they lie below dist/.
 */
function followImports(own, entries) {
  /** @type {Map<string, string>} */
  const texts = new Map()
  /** @param {string} file */
  const visit = (file) => {
    if (texts.has(file)) return
    const text = file.startsWith('kit/') ? typesOfKit(file) : readFileSync(join(own, file), 'utf8')
    texts.set(file, text)
    for (const [specifier] of text.matchAll(SPECIFIERS)) visit(fileOf(file, specifier))
  }
  entries.forEach(visit)
  return texts
}

/**
 * tsc writes no types of what it finds in node_modules.
 *
 * @param {string} file Below dist/.
 */
function typesOfKit(file) {
  const fileName = join(KIT_SOURCES, file.slice('kit/'.length).replace(/\.d\.ts$/, '.ts'))
  return ts.transpileDeclaration(readFileSync(fileName, 'utf8'), { fileName }).outputText
}

/**
 * @param {string} from A file below dist/.
 * @param {string} specifier What it imports.
 * @returns {string} The file of that.
 */
function fileOf(from, specifier) {
  if (specifier.startsWith(KIT)) return `kit/${specifier.slice(KIT.length)}.d.ts`
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.d.ts')
}

/**
 * @param {string} from A file below dist/.
 * @param {string} specifier What it imports.
 * @returns {string} The same, without the name of the kit.
 */
function nameFrom(from, specifier) {
  if (!specifier.startsWith(KIT)) return specifier
  const path = posix.relative(posix.dirname(from), fileOf(from, specifier)).replace(/\.d\.ts$/, '.js')
  return path.startsWith('.') ? path : `./${path}`
}

/**
 * @param {string} name Of the package.
 * @param {ReadonlyMap<string, string>} texts Types by file.
 */
function refuseHidden(name, texts) {
  const exported = [...texts.values()].flatMap((text) => [...text.matchAll(/^export [^;]*? from '([^']+)'/gm)])
  const onPurpose = new Set(exported.map(([, specifier = '']) => specifier))
  for (const [file, text] of texts) {
    const hidden = text.match(SPECIFIERS)?.find((specifier) => specifier.startsWith(KIT) && !onPurpose.has(specifier))
    if (hidden === undefined) continue
    throw new Error(`Cannot ship a type that ${name} does not export: ${file} names ${hidden}`)
  }
}
