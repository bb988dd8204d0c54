import { readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import ts from 'typescript'

/** What a page may load before the model, gzip at level 9. */
export const BUDGET_BYTES = 15_000

/** What each import may load, in bytes after gzip at level 9; a sub-path counts with what it imports. */
const BUDGETS: readonly { readonly name: string; readonly entry: string; readonly budget: number }[] = [
  { name: 'nestling', entry: 'nestling/dist/index.js', budget: BUDGET_BYTES },
  { name: 'nestling/onnx', entry: 'nestling/dist/onnx.js', budget: BUDGET_BYTES },
  // With Comlink, the tokenizer, idb and our kernels for WebGPU inside.
  { name: 'nestling, its worker', entry: 'nestling/dist/worker.js', budget: 95_000 },
  { name: 'nestling, with what its embedder loads', entry: 'nestling/dist/worker-embedder.js', budget: 24_000 },
  { name: 'nestling/semantic-embedder', entry: 'nestling/dist/semantic-embedder.js', budget: BUDGET_BYTES + 3500 },
  { name: 'nestling/langchain', entry: 'nestling/dist/langchain.js', budget: 1500 },
  { name: 'nestling/ai-sdk', entry: 'nestling/dist/ai-sdk.js', budget: 1800 },
  { name: '@nestling/minilm-l6', entry: 'minilm-l6/dist/index.js', budget: 3000 },
  { name: '@nestling/evaluate', entry: 'evaluate/dist/index.js', budget: 14_000 },
  // All exports, mining and fusion of lists among them; a bundler leaves out what is not imported.
  { name: '@nestling/search', entry: 'search/dist/index.js', budget: 17_000 },
  { name: '@nestling/search/orama', entry: 'search/dist/orama.js', budget: 1500 },
  { name: '@nestling/search/pgvector', entry: 'search/dist/pgvector.js', budget: 2700 },
  // With the kernels, Comlink and idb inside.
  { name: '@nestling/search, its worker', entry: 'search/dist/search-worker.js', budget: 42_000 },
]

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
 */
export function totalBytes(sizes: readonly FileSize[]): number {
  return sizes.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0)
}

function main(): void {
  const packages = join(dirname(fileURLToPath(import.meta.url)), '../packages')
  const read = (file: string): string => readFileSync(join(packages, file), 'utf8')
  for (const { name, entry, budget } of BUDGETS) {
    const sizes = measureStaticImports(entry, read)
    const total = totalBytes(sizes)
    console.log(`${String(total).padStart(7)} B of ${budget} B  ${name}, gzip`)
    if (sizes.length < 10) {
      for (const { file, gzipBytes } of sizes) console.log(`${String(gzipBytes).padStart(11)} B  ${file}`)
    }
    if (total > budget) process.exitCode = 1
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
