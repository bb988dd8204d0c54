import { existsSync } from 'node:fs'
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

/** Types of what was built, by the name that users import. */
function packageTypes(): Record<string, string[]> {
  const names = {
    nestling: 'nestling',
    '@nestling/minilm-l6': 'minilm-l6',
    '@nestling/search': 'search',
    '@nestling/evaluate': 'evaluate',
  }
  // Installed where the adapters are tested.
  const others = ['@electric-sql/pglite', '@electric-sql/pglite-pgvector', '@orama/orama']
  const types = Object.entries(names).map(([name, folder]): [string, string[]] => [
    name,
    [join(ROOT, 'packages', folder, 'dist/index.d.ts')],
  ])
  const installed = others.map((name): [string, string[]] => [name, [join(ROOT, 'packages/search/node_modules', name)]])
  return Object.fromEntries([...types, ...installed].filter(([, [path]]) => existsSync(path ?? '')))
}
