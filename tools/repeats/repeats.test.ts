import { describe, expect, it } from 'vitest'
import { findRepeats, MOST_EQUAL_LINES } from './find-repeats.js'
import { judgeRepeats } from './judge-repeats.js'

const lines = (count: number): string =>
  Array.from({ length: count }, (_, line) => `  total += weigh(values[${line}], 'kind ${line}')\n`).join('')

/** A helper of that many lines, with its first and last. */
const helper = (count: number): string => `function sum(values: number[]): void {\n${lines(count - 2)}}\n`

const files = (first: string, second: string): Map<string, string> =>
  new Map([
    ['a/first.ts', `import { one } from './one.js'\n\n${first}\nexport const own = 1\n`],
    ['b/second.mjs', `${second}\nfoo()\n`],
  ])

describe('findRepeats()', () => {
  it('finds a helper that was copied, with its places', async () => {
    const [found, ...rest] = await findRepeats(files(helper(20), `bar()\n${helper(20)}`))
    expect(rest).toEqual([])
    expect(found).toEqual({
      lines: 20,
      places: [
        { file: 'b/second.mjs', start: 2, end: 21 },
        { file: 'a/first.ts', start: 3, end: 22 },
      ],
    })
  })

  it('looks past comments and white space', async () => {
    const changed = helper(20).replaceAll('\n', '  // another word\n').replaceAll('  total', '\ttotal')
    expect(await findRepeats(files(helper(20), changed))).toHaveLength(1)
  })

  it('lets as many lines as are allowed stand, and what one file repeats', async () => {
    expect(await findRepeats(files(helper(MOST_EQUAL_LINES), helper(MOST_EQUAL_LINES)))).toEqual([])
    expect(await findRepeats(files(helper(MOST_EQUAL_LINES + 1), helper(MOST_EQUAL_LINES + 1)))).toHaveLength(1)
    expect(await findRepeats(files(helper(20) + helper(20), ''))).toEqual([])
  })
})

describe('judgeRepeats()', () => {
  const known = { files: ['b/second.mjs', 'a/first.ts'], lines: 20, reason: 'test' } as const

  it('names what is no exception, and an exception that grew', async () => {
    const repeats = await findRepeats(files(helper(20), helper(20)))
    expect(judgeRepeats(repeats, [known])).toEqual([])
    for (const exceptions of [[], [{ ...known, lines: 19 }]]) {
      expect(judgeRepeats(repeats, exceptions)).toEqual([
        expect.stringMatching(/^b\/second\.mjs:1-20 and a\/first\.ts:3-22 {2}20 equal lines/),
      ])
    }
  })

  it('names an exception that nothing needs', async () => {
    expect(judgeRepeats(await findRepeats(files(helper(5), helper(5))), [known])).toEqual([
      expect.stringMatching(/^b\/second\.mjs and a\/first\.ts {2}share nothing any more/),
    ])
  })
})
