import { codeSpansOf } from './read-markdown.js'

/** A span that is a file's name: letters, digits, dots, dashes, `*` and folders, with the ending of a source. */
const FILE_NAME = /^(?:[\w@.*-]+\/)*[\w.*-]+\.(?:ts|mjs|js|json|md|yaml|yml)$/
/** Names of a form: `x.test.ts` stands for any file's name in its place. */
const PATTERN = /\*|(?:^|\/)x\./

/**
 * Finds names of files in code spans that no file of the repository has.
 *
 * @param markdown - The text.
 * @param files - Paths of all files from the root, with `/`.
 * @param known - Names of files that a build writes.
 * @returns What is wrong, a line each.
 */
export function missingFiles(markdown: string, files: readonly string[], known: ReadonlySet<string>): string[] {
  return codeSpansOf(markdown).flatMap(({ text, line }) => {
    const name = text.replace(/^\.\//, '')
    if (!FILE_NAME.test(name) || PATTERN.test(name) || known.has(name)) return []
    const isThere = files.some((file) => file === name || file.endsWith(`/${name}`))
    return isThere ? [] : [`${line}  there is no file ${text}`]
  })
}
