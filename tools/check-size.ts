import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import ts from 'typescript'

/** What a page may load before the model, gzip at level 9. */
export const BUDGET_BYTES = 15_000

/** A file that a page loads. */
export interface FileSize {
  /** Path below the package's `dist`. */
  readonly file: string
  /** Size after gzip at level 9. */
  readonly gzipBytes: number
}

/**
 * Measures a module with everything that it imports statically.
 *
 * @param entry - Path of the module.
 * @param read - Gives the text of a path.
 * @returns One entry a file, in the order of loading.
 */
export function measureStaticImports(entry: string, read: (file: string) => string): FileSize[] {
  const sizes = new Map<string, number>()
  const visit = (file: string): void => {
    if (sizes.has(file)) return
    const text = read(file)
    sizes.set(file, gzipSync(text, { level: 9 }).byteLength)
    for (const specifier of listStaticImports(file, text)) visit(posix.join(posix.dirname(file), specifier))
  }
  visit(entry)
  return [...sizes].map(([file, gzipBytes]) => ({ file, gzipBytes }))
}

/** Relative specifiers of `import … from` and `export … from`; a dynamic import is loaded later, if at all. */
function listStaticImports(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const specifier = statement.moduleSpecifier
    return specifier !== undefined && ts.isStringLiteral(specifier) && specifier.text.startsWith('.')
      ? specifier.text
      : []
  })
}

/**
 * Adds sizes up.
 *
 * @param sizes - One entry a file.
 * @returns Bytes.
 */
export function totalBytes(sizes: readonly FileSize[]): number {
  return sizes.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0)
}

/** Entries of packages with what they may weigh: of nestling's, what a page loads before the model. */
const BUDGETS = [
  { folder: 'nestling', entry: 'index.js', budgetBytes: BUDGET_BYTES },
  // All exports; a bundler leaves out what is not imported.
  { folder: 'search', entry: 'index.js', budgetBytes: 15_000 },
  // With the kernels, Comlink, idb and MiniSearch inside.
  { folder: 'search', entry: 'search-worker.js', budgetBytes: 35_000 },
]

function main(): void {
  for (const { folder, entry, budgetBytes } of BUDGETS) {
    const dist = join(dirname(fileURLToPath(import.meta.url)), '../packages', folder, 'dist')
    const sizes = measureStaticImports(entry, (file) => readFileSync(join(dist, file), 'utf8'))
    const total = totalBytes(sizes)
    for (const { file, gzipBytes } of sizes) console.log(`${String(gzipBytes).padStart(7)} B  ${folder}/dist/${file}`)
    console.log(`${String(total).padStart(7)} B  in all, gzip; the budget is ${budgetBytes} B`)
    if (total > budgetBytes) process.exitCode = 1
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
