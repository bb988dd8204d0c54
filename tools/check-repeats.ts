import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ROOT } from './docs/read-docs.js'
import { findRepeats, MOST_EQUAL_LINES } from './repeats/find-repeats.js'
import { judgeRepeats } from './repeats/judge-repeats.js'
import { KNOWN_REPEATS } from './repeats/known-repeats.js'

const SOURCES = ['packages', 'tools', 'bench', 'e2e', 'examples']
const ENDINGS = ['ts', 'mjs', 'js']
/** Applications of tests, which are whole by themselves, and data. */
const FIXTURES = ['e2e/fixtures/', 'packages/testing/fixtures/']

function listSources(): string[] {
  const patterns = SOURCES.flatMap((folder) => ENDINGS.map((ending) => `${folder}/**.${ending}`))
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...patterns]
  const listed = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
  return listed.filter((file) => existsSync(join(ROOT, file)) && !FIXTURES.some((folder) => file.startsWith(folder)))
}

const files = new Map(listSources().map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
const problems = judgeRepeats(await findRepeats(files), KNOWN_REPEATS)
for (const problem of problems) process.stdout.write(`${problem}\n`)
process.stdout.write(
  `Repeats: ${files.size} files, ${KNOWN_REPEATS.length} exceptions, ${problems.length} places with more than ${MOST_EQUAL_LINES} equal lines\n`,
)
if (problems.length > 0) process.exitCode = 1
