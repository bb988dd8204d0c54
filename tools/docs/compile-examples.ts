import { join } from 'node:path'
import ts from 'typescript'
import type { CodeBlock } from './read-markdown.js'

/** An example and the file that it stands in. */
export interface Example extends CodeBlock {
  readonly file: string
}

/** Something that the compiler does not accept. */
export interface ExampleProblem {
  readonly file: string
  /** Line of the file, from 1. */
  readonly line: number
  readonly message: string
}

/** Where examples are said to lie: beside the prelude, so that packages are found. */
const FOLDER = import.meta.dirname
const ROOT = join(FOLDER, '../..')

/**
 * Compiles examples as modules of their own, against what the packages became.
 *
 * @param examples - TypeScript.
 * @returns What is wrong with them.
 */
export function compileExamples(examples: readonly Example[]): ExampleProblem[] {
  const sources = new Map(
    examples.map((example, index) => [
      join(FOLDER, `example-${index}.ts`),
      { ...example, code: `${example.code}\nexport {}\n` },
    ]),
  )
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.esnext.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    types: [],
    paths: packageTypes(),
  }
  const host = ts.createCompilerHost(options)
  const readFile = host.readFile.bind(host)
  const fileExists = host.fileExists.bind(host)
  const getSourceFile = host.getSourceFile.bind(host)
  host.readFile = (path) => sources.get(path)?.code ?? readFile(path)
  host.fileExists = (path) => sources.has(path) || fileExists(path)
  host.getSourceFile = (path, ...rest) => {
    const example = sources.get(path)
    return example === undefined
      ? getSourceFile(path, ...rest)
      : ts.createSourceFile(path, example.code, ts.ScriptTarget.ESNext, true)
  }
  const program = ts.createProgram([join(FOLDER, 'prelude.d.ts'), ...sources.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const example = file === undefined ? undefined : sources.get(file.fileName)
    const place = file === undefined || start === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line
    return {
      file: example?.file ?? file?.fileName ?? '',
      line: (example?.line ?? 0) + place + 1,
      message: ts.flattenDiagnosticMessageText(messageText, ' '),
    }
  })
}

/** Where the types of a package are, from `packages/`: of ours what was built, of others what is installed where adapters are tested. */
const TYPES = {
  nestling: 'nestling/dist/index.d.ts',
  'nestling/ai-sdk': 'nestling/dist/adapters/ai-sdk.d.ts',
  'nestling/langchain': 'nestling/dist/adapters/langchain.d.ts',
  'nestling/semantic-embedder': 'nestling/dist/adapters/semantic-embedder.d.ts',
  '@nestling/minilm-l6': 'minilm-l6/dist/index.d.ts',
  '@nestling/search': 'search/dist/index.d.ts',
  '@nestling/evaluate': 'evaluate/dist/index.d.ts',
  ai: 'nestling/node_modules/ai',
  '@electric-sql/pglite': 'search/node_modules/@electric-sql/pglite',
  '@electric-sql/pglite-pgvector': 'search/node_modules/@electric-sql/pglite-pgvector',
  '@orama/orama': 'search/node_modules/@orama/orama',
}

function packageTypes(): Record<string, string[]> {
  return Object.fromEntries(Object.entries(TYPES).map(([name, path]) => [name, [join(ROOT, 'packages', path)]]))
}
