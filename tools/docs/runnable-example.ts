import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** Where examples are said to lie: beside what they take for granted, in a workspace that has installed all that they import. */
export const EXAMPLES = join(import.meta.dirname, '../../e2e/docs')

/** What they take for granted. An embedder takes a second, so it has a module of its own. */
const GIVEN = ['./given.ts', './given-embedder.ts']
/** The module that remembers what they print. */
const PRINTS = './prints.ts'

/** An example as a module that says what it printed. */
export interface RunnableExample {
  readonly code: string
  /** What it says that it prints, by the line of the example, from 1. */
  readonly prints: ReadonlyMap<number, string>
}

/**
 * Lists what examples may use without declaring it.
 *
 * @returns The module of each name.
 */
export function givenNames(): Map<string, string> {
  return new Map(
    GIVEN.flatMap((module) =>
      exportedNames(readFileSync(join(EXAMPLES, module), 'utf8')).map((name) => [name, module] as const),
    ),
  )
}

/**
 * Lists what a module exports under names of its own.
 *
 * @param code - The module; one that exports single names, not all of another.
 */
export function exportedNames(code: string): string[] {
  return parse(code).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement
      return exportClause !== undefined && ts.isNamedExports(exportClause)
        ? exportClause.elements.map(({ name }) => name.text)
        : []
    }
    const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(isExportKeyword) === true
    return isExported ? declaredNames(statement) : []
  })
}

/**
 * Lets an example import what it uses and does not declare. Its lines keep their numbers.
 *
 * @param given - Modules by the names that it may take for granted.
 * @returns A module.
 */
export function withGiven(code: string, given: ReadonlyMap<string, string>): string {
  const source = parse(code)
  const own = new Set(source.statements.flatMap(declaredNames))
  const used = new Set<string>()
  visitNodes(source, (node) => {
    if (ts.isIdentifier(node)) used.add(node.text)
  })
  const taken = [...given].filter(([name]) => used.has(name) && !own.has(name))
  const imports = taken.map(([name, module]) => `import { ${name} } from '${module}'; `)
  return `${imports.join('')}${code}\nexport {}\n`
}

/**
 * Makes an example a module that remembers what it prints, line by line.
 *
 * @param given - Modules by the names that it may take for granted.
 * @returns The module, and what stands behind each `console.log` as a comment.
 */
export function toRunnable(code: string, given: ReadonlyMap<string, string>): RunnableExample {
  const prints = new Map<number, string>()
  const source = parse(code)
  let counted = code
  const calls: { readonly start: number; readonly end: number; readonly line: number }[] = []
  visitNodes(source, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText(source) !== 'console.log') return
    const line = source.getLineAndCharacterOfPosition(node.getEnd()).line + 1
    const [rest = ''] = code.slice(node.getEnd()).split('\n', 1)
    const comment = /^\)*;? *\/\/ (.+)$/.exec(rest)?.[1]
    if (comment !== undefined) prints.set(line, comment)
    calls.push({ start: node.expression.getStart(source), end: node.expression.getEnd(), line })
  })
  for (const { start, end, line } of calls.sort((a, b) => b.start - a.start)) {
    counted = `${counted.slice(0, start)}printAt(${line})${counted.slice(end)}`
  }
  const needed = calls.length === 0 ? '' : `import { printAt } from '${PRINTS}'; `
  return { code: needed + withGiven(counted, given), prints }
}

/**
 * Compares what was printed with what an example says.
 *
 * @param printed - A line.
 * @param expected - What it must be; `…` stands for anything.
 * @returns Whether they agree.
 */
export function isPrint(printed: string, expected: string): boolean {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(printed)
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile('example.ts', code, ts.ScriptTarget.ESNext, true)
}

function isExportKeyword({ kind }: ts.ModifierLike): boolean {
  return kind === ts.SyntaxKind.ExportKeyword
}

function visitNodes(node: ts.Node, action: (node: ts.Node) => void): void {
  action(node)
  ts.forEachChild(node, (child) => {
    visitNodes(child, action)
  })
}

/** Names that a statement puts into its module's scope. */
function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name))
  }
  if (ts.isImportDeclaration(statement)) return importedNames(statement.importClause)
  const isNamed = ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)
  return isNamed && statement.name !== undefined ? [statement.name.text] : []
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text]
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []))
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  const bindings = clause?.namedBindings
  const named = bindings === undefined ? [] : ts.isNamedImports(bindings) ? bindings.elements : [bindings]
  return [...(clause?.name === undefined ? [] : [clause.name]), ...named.map(({ name }) => name)].map(
    ({ text }) => text,
  )
}
