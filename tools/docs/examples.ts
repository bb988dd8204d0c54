import { codeBlocksOf, type CodeBlock } from './read-markdown.js'

/** Why an example is not run: the word that stands behind its language, and what the test prints. */
export const NOT_RUN = {
  fragment: 'it is a part of a file',
  'other-library': 'it is code of another library, with a model of the hub',
  'service-worker': 'it needs a service worker: e2e/offline.spec.ts has one',
} as const

/** A block of TypeScript or JavaScript in the docs. */
export interface Example extends CodeBlock {
  /** Path from the root. */
  readonly file: string
  readonly language: 'ts' | 'js'
  /** `undefined` where it is run. */
  readonly notRun: keyof typeof NOT_RUN | undefined
  /** The paragraph or table behind `prints`, where that follows the block. */
  readonly output: string | undefined
}

/**
 * Finds the examples of the docs: blocks of `ts` or `js`, with one word of {@link NOT_RUN} behind it where they are not run.
 *
 * @param docs - Markdown by path.
 * @returns The examples, in the order of the files.
 * @throws {Error} If another word stands there.
 */
export function examplesOf(docs: ReadonlyMap<string, string>): Example[] {
  return [...docs].flatMap(([file, text]) =>
    codeBlocksOf(text).flatMap((block) => {
      const [language, notRun, ...rest] = block.info.split(' ')
      if (language !== 'ts' && language !== 'js') return []
      if (rest.length > 0 || (notRun !== undefined && !isReason(notRun))) {
        const reasons = Object.keys(NOT_RUN).join(', ')
        throw new Error(`${file}:${block.line}  behind ${language} may stand one of ${reasons}: it is "${block.info}"`)
      }
      return [{ ...block, file, language, notRun, output: outputBehind(text, block) }]
    }),
  )
}

function outputBehind(text: string, { line, code }: CodeBlock): string | undefined {
  const rest = text.split('\n').slice(line + code.split('\n').length + 1)
  const [heading = '', output] = rest.join('\n').trim().split('\n\n')
  return heading === 'prints' ? output : undefined
}

function isReason(word: string): word is keyof typeof NOT_RUN {
  return Object.hasOwn(NOT_RUN, word)
}
