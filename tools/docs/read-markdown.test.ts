import { describe, expect, it } from 'vitest'
import { anchorsOf, codeBlocksOf, linksOf } from './read-markdown.js'

const MARKDOWN = [
  '# A title, with `code` & more',
  'See [one](a.md) and [two](<b.md#c> "title"), not `[three](c.md)`.',
  '```ts run',
  '# no heading [no](link.md)',
  '```',
  '## Again',
  '## Again',
  '~~~',
  'plain',
  '~~~',
].join('\n')

describe('reading Markdown', () => {
  it('finds code with its language and line', () => {
    expect(codeBlocksOf(MARKDOWN)).toEqual([
      { info: 'ts run', code: '# no heading [no](link.md)', line: 3 },
      { info: '', code: 'plain', line: 8 },
    ])
  })

  it('finds links outside of code', () => {
    expect(linksOf(MARKDOWN)).toEqual([
      { target: 'a.md', line: 2 },
      { target: 'b.md#c', line: 2 },
    ])
  })

  it('names headings as GitHub does', () => {
    expect([...anchorsOf(MARKDOWN)]).toEqual(['a-title-with-code--more', 'again', 'again-1'])
  })
})
