import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

const CLI = 'packages/nestling/src/cli'

/** Where each command that people are told to run declares its options. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'npm start': ['tools/start.mjs'],
  'npm test': ['tools/test.mjs'],
  'pnpm bench': ['bench/bench.ts'],
  'pnpm evaluate': ['tools/evaluate/options.ts'],
  'pnpm parity': ['tools/parity.ts'],
  ...Object.fromEntries(
    ['copy-assets', 'embed', 'evaluate', 'plan', 'search', 'similarity'].map((name) => [
      `npx nestling ${name}`,
      [`${CLI}/commands/${name}-command.ts`, `${CLI}/models/load-model.ts`],
    ]),
  ),
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
  return Object.entries(COMMANDS).flatMap(([command, files]) => {
    const source = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')
    const calls = text.matchAll(new RegExp(`${command}(?=[\\s\`])(${ARGUMENTS})`, 'g'))
    const flags = [...calls].flatMap(([, rest = '']) => [...rest.matchAll(/(?<= )--([a-z][a-z-]*)/g)])
    return flags
      .filter(([, name = '']) => !new RegExp(`\\b['"]?${name}['"]?:\\s*\\{\\s*type:`).test(source))
      .map(([flag]) => `"${command}" has no option ${flag}`)
  })
}
