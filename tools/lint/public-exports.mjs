import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

/**
 * @typedef {object} PublicExports
 * @property {string[]} files What declares something that users get, below the root.
 * @property {string[]} names How it is called there.
 */

/**
 * Reads what the published packages export: the lists of their entries are followed to the files that declare what they name.
 *
 * @param {string} root
 * @returns {PublicExports}
 */
export function publicExports(root) {
  /** @type {Map<string, Set<string>>} */
  const found = new Map()
  for (const name of readdirSync(join(root, 'packages'))) {
    for (const entry of entriesOf(join(root, 'packages', name))) follow(entry, undefined, found)
  }
  return {
    files: [...found.keys()].map((file) => relative(root, file)).sort(),
    names: [...new Set([...found.values()].flatMap((names) => [...names]))].sort(),
  }
}

/** @param {string} folder A package. */
function entriesOf(folder) {
  /** @type {unknown} */
  const read = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const manifest = /** @type {{ private?: boolean, exports?: Record<string, { types?: string }> }} */ (read)
  if (manifest.private === true) return []
  // The types of an entry lie in `dist` as its source does in `src`.
  const declarations = Object.values(manifest.exports ?? {}).flatMap(({ types }) => types ?? [])
  return declarations.map((path) => join(folder, path.replace('/dist/', '/src/').replace(/\.d\.ts$/, '.ts')))
}

/**
 * @param {string} file
 * @param {ReadonlySet<string> | undefined} wanted All that it exports where there is none.
 * @param {Map<string, Set<string>>} found
 */
function follow(file, wanted, found) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) {
      const from = statement.moduleSpecifier
      if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith('.')) continue
      const clause = statement.exportClause
      const names = clause !== undefined && ts.isNamedExports(clause) ? namesOf(clause, wanted) : wanted
      if (names?.size !== 0) follow(join(dirname(file), from.text.replace(/\.js$/, '.ts')), names, found)
      continue
    }
    for (const name of declaredNames(statement)) {
      if (wanted?.has(name) === false) continue
      found.set(file, (found.get(file) ?? new Set()).add(name))
    }
  }
}

/**
 * @param {ts.NamedExports} clause
 * @param {ReadonlySet<string> | undefined} wanted
 * @returns {Set<string>} The names in the file that they come from.
 */
function namesOf(clause, wanted) {
  const elements = clause.elements.filter(({ name }) => wanted?.has(name.text) !== false)
  return new Set(elements.map(({ name, propertyName }) => (propertyName ?? name).text))
}

/**
 * @param {ts.Statement} statement
 * @returns {string[]} What it exports by itself.
 */
function declaredNames(statement) {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? name.text : []))
  }
  const { name } = /** @type {ts.DeclarationStatement} */ (statement)
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : []
}
