import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import process from 'node:process'
import { ERROR_CODES } from '../packages/nestling/src/wire/embedder-error.js'
import { WARNING_KINDS } from '../packages/nestling/src/wire/warning.js'
import { compileExamples, type Example } from './docs/compile-examples.js'
import { staleFlags } from './docs/stale-flags.js'
import { anchorsOf, codeBlocksOf, linksOf } from './docs/read-markdown.js'

const ROOT = join(import.meta.dirname, '..')
const ERRORS = 'docs/errors.md'

/** Every Markdown file that people read, with its text. */
function readDocs(): Map<string, string> {
  const folders = ['.', 'docs', ...foldersOf('packages'), ...foldersOf('examples')]
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
      .map((name) => relative(ROOT, join(ROOT, folder, name))),
  )
  return new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
}

function foldersOf(group: string): string[] {
  const names = readdirSync(join(ROOT, group)).filter((name) => statSync(join(ROOT, group, name)).isDirectory())
  return names.map((name) => `${group}/${name}`)
}

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
  const examples = [...docs].flatMap(([file, text]): Example[] =>
    codeBlocksOf(text)
      .filter(({ info }) => /^ts\b/.test(info) && info !== 'ts fragment')
      .map((block) => ({ ...block, file })),
  )
  const problems = compileExamples(examples).map(({ file, line, message }) => `${file}:${line}  ${message}`)
  return { count: examples.length, problems }
}

const docs = readDocs()
const { count, problems } = wrongExamples(docs)
const flags = [...docs].flatMap(([file, text]) => staleFlags(text).map((problem) => `${file}  ${problem}`))
const all = [...brokenLinks(docs), ...missingErrors(docs), ...staleCommands(docs), ...flags, ...problems]
for (const problem of all) process.stdout.write(`${problem}\n`)
process.stdout.write(`Docs: ${docs.size} files, ${count} examples compiled, ${all.length} problems\n`)
if (all.length > 0) process.exitCode = 1
