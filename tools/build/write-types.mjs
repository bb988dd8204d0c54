import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, posix } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc')
/** Its sources are compiled along with those that import them, and bundled; nobody can install it. */
const KIT = '@nestling/kit'
const KIT_SOURCES = fileURLToPath(new URL('../../packages/kit/src', import.meta.url))
const SPECIFIERS = /(?:\bfrom |\bimport\()(['"])(\.[^'"]+|@nestling\/kit\/[^'"]+)\1/g

/**
 * Writes the types of a package to its dist/: those that can be reached from what it exports. Types of the kit are among them, in `kit/`, where
 * the package exports them on purpose.
 *
 * @param {string} root Folder of the package, with a tsconfig.build.json.
 * @throws {Error} If others of the kit are named.
 */
export function writeTypes(root) {
  const all = join(root, 'node_modules/.cache/types')
  rmSync(all, { recursive: true, force: true })
  execFileSync(process.execPath, [TSC, '-p', join(root, 'tsconfig.build.json'), '--outDir', all], { stdio: 'inherit' })
  const own = join(all, basename(root), 'src')
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entries = Object.values(exports).flatMap(({ types }) => types?.replace('./dist/', '') ?? [])
  const texts = new Map()
  const visit = (file) => {
    if (texts.has(file)) return
    const text = file.startsWith('kit/') ? typesOfKit(file.slice('kit/'.length)) : readFileSync(join(own, file), 'utf8')
    texts.set(file, text)
    for (const [, , specifier] of text.matchAll(SPECIFIERS)) visit(targetOf(file, specifier))
  }
  for (const entry of entries) visit(entry)
  refuseHidden(basename(root), texts)
  for (const [file, text] of texts) {
    const to = join(root, 'dist', file)
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(
      to,
      text.replaceAll(SPECIFIERS, (match, _, specifier) => match.replace(specifier, near(file, specifier))),
    )
  }
}

/** tsc writes no types of what it finds in node_modules. */
function typesOfKit(file) {
  const fileName = join(KIT_SOURCES, file.replace(/\.d\.ts$/, '.ts'))
  return ts.transpileDeclaration(readFileSync(fileName, 'utf8'), { fileName }).outputText
}

/** What a specifier names, below dist/. */
function targetOf(file, specifier) {
  if (specifier.startsWith(KIT)) return `kit/${specifier.slice(KIT.length + 1)}.d.ts`
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.d.ts')
}

/** The same, seen from a file. */
function near(file, specifier) {
  const path = posix.relative(posix.dirname(file), targetOf(file, specifier)).replace(/\.d\.ts$/, '.js')
  return path.startsWith('.') ? path : `./${path}`
}

function refuseHidden(name, texts) {
  const own = [...texts].filter(([file]) => !file.startsWith('kit/'))
  const exported = own.flatMap(([, text]) => [...text.matchAll(/^export [^;]*? from '(@nestling\/kit\/[^']+)'/gm)])
  const onPurpose = new Set(exported.map(([, specifier]) => specifier))
  for (const [file, text] of own) {
    const hidden = [...text.matchAll(SPECIFIERS)].find(([, , specifier]) => {
      return specifier.startsWith(KIT) && !onPurpose.has(specifier)
    })
    if (hidden === undefined) continue
    throw new Error(`Cannot ship a type that ${name} does not export: ${file} names ${hidden[2]}`)
  }
}
