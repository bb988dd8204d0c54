import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Where each command that people are told to run declares its options. */
const COMMANDS: Readonly<Record<string, string>> = {
  'npm start': 'tools/start.mjs',
  'npm test': 'tools/test.mjs',
  'pnpm bench': 'bench/bench.ts',
  'pnpm evaluate': 'tools/evaluate/options.ts',
  'pnpm parity': 'tools/parity.ts',
  'npx nestling copy-assets': 'packages/nestling/src/cli/run.ts',
}

/** Behind a command, up to the end of the line, of the inline code, or the comment. */
const ARGUMENTS = /[^`\n#]*/.source

/**
 * Finds options in a text that its commands do not take.
 *
 * @param text - Markdown.
 * @returns A line for each.
 */
export function staleFlags(text: string): string[] {
  return Object.entries(COMMANDS).flatMap(([command, file]) => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    const calls = text.matchAll(new RegExp(`${command}(?=[\\s\`])(${ARGUMENTS})`, 'g'))
    const flags = [...calls].flatMap(([, rest = '']) => [...rest.matchAll(/(?<= )--([a-z][a-z-]*)/g)])
    return flags
      .filter(([, name = '']) => !new RegExp(`\\b['"]?${name}['"]?:\\s*\\{\\s*type:`).test(source))
      .map(([flag]) => `"${command}" has no option ${flag}`)
  })
}
