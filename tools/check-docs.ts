import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { ERROR_CODES } from '../packages/nestling/src/wire/embedder-error.js'
import { WARNING_KINDS } from '../packages/nestling/src/wire/warning.js'
import { compileExamples } from './docs/compile-examples.js'
import { examplesOf } from './docs/examples.js'
import { missingFiles } from './docs/missing-files.js'
import { readDocs, ROOT } from './docs/read-docs.js'
import { anchorsOf, linksOf } from './docs/read-markdown.js'
import { staleFlags } from './docs/stale-flags.js'

const ERRORS = 'docs/errors.md'

/** A link may lead to a file, a folder, or a heading of a Markdown file. */
function brokenLinks(docs: ReadonlyMap<string, string>): string[] {
  return [...docs].flatMap(([file, text]) =>
    linksOf(text).flatMap(({ target, line }) => {
      if (/^[a-z]+:/.test(target)) return []
      const [path = '', anchor] = target.split('#')
      const found = path === '' ? file : relative(ROOT, resolve(ROOT, dirname(file), path))
      if (!existsSync(join(ROOT, found))) return [`${file}:${line}  there is no ${target}`]
      const linked = docs.get(found)
      const isLost = anchor !== undefined && linked !== undefined && !anchorsOf(linked).has(anchor)
      return isLost ? [`${file}:${line}  ${found} has no heading #${anchor}`] : []
    }),
  )
}

/** Each code and each kind of warning has a heading of its own. */
function missingErrors(docs: ReadonlyMap<string, string>): string[] {
  const anchors = anchorsOf(docs.get(ERRORS) ?? '')
  const kinds = WARNING_KINDS.map((kind) => `warning-${kind}`)
  return [...ERROR_CODES, ...kinds].filter((name) => !anchors.has(name)).map((name) => `${ERRORS}  has no #${name}`)
}

/** A command that a text tells people to run must be in `package.json`. */
function staleCommands(docs: ReadonlyMap<string, string>): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const own = new Set([...Object.keys(scripts), 'install', 'pack', 'add'])
  return [...docs].flatMap(([file, text]) =>
    [...text.matchAll(/(?:^|`|no-install )(?:pnpm|npm run) ([a-z][a-z:-]*)/gm)]
      .filter(([, name = '']) => !own.has(name))
      .map(([command]) => `${file}  package.json has no script for "${command}"`),
  )
}

function wrongExamples(docs: ReadonlyMap<string, string>): { readonly count: number; readonly problems: string[] } {
  const examples = examplesOf(docs).filter(({ language, notRun }) => language === 'ts' && notRun !== 'fragment')
  const problems = compileExamples(examples).map(({ file, line, message }) => `${file}:${line}  ${message}`)
  return { count: examples.length, problems }
}

/** Texts about this repository name its files; what others read may name files of theirs. */
const ABOUT_FILES = ['ARCHITECTURE.md', 'CONTRIBUTING.md']
/** Files that a build writes. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'index.js',
  'onnx.js',
  'onnx-engine.js',
  'page.js',
  'worker.js',
  'transformers.js',
  'dist/transformers.js',
])

function staleFiles(docs: ReadonlyMap<string, string>): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  const files = listed.toString().split('\n')
  return ABOUT_FILES.flatMap((file) =>
    missingFiles(docs.get(file) ?? '', files, ELSEWHERE).map((problem) => `${file}:${problem}`),
  )
}

const docs = readDocs()
const { count, problems } = wrongExamples(docs)
const flags = [...docs].flatMap(([file, text]) => staleFlags(text).map((problem) => `${file}  ${problem}`))
const all = [
  ...brokenLinks(docs),
  ...missingErrors(docs),
  ...staleCommands(docs),
  ...staleFiles(docs),
  ...flags,
  ...problems,
]
for (const problem of all) process.stdout.write(`${problem}\n`)
process.stdout.write(`Docs: ${docs.size} files, ${count} examples compiled, ${all.length} problems\n`)
if (all.length > 0) process.exitCode = 1
