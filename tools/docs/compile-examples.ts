import { join } from 'node:path'
import ts from 'typescript'
import type { Example } from './examples.js'
import { EXAMPLES, givenNames, withGiven } from './runnable-example.js'

/** Something that the compiler does not accept. */
export interface ExampleProblem {
  readonly file: string
  /** Line of the file, from 1. */
  readonly line: number
  readonly message: string
}

/**
 * Compiles examples as modules of their own, against what the packages became.
 *
 * @param examples - TypeScript.
 * @returns What is wrong with them.
 */
export function compileExamples(examples: readonly Example[]): ExampleProblem[] {
  const given = givenNames()
  const sources = new Map(
    examples.map((example, index) => [
      join(EXAMPLES, `example-${index}.ts`),
      { ...example, code: withGiven(example.code, given) },
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
    allowImportingTsExtensions: true,
    types: [],
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
  const program = ts.createProgram([...sources.keys()], options, host)
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
