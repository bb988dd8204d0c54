import { describe, expect, it } from 'vitest'
import { examplesOf } from './examples.js'

describe('examplesOf()', () => {
  it('finds TypeScript and JavaScript, and why an example is not run', () => {
    const fenced = [
      '```ts',
      'a',
      '```',
      '',
      'prints',
      '',
      '| x |',
      '| y |',
      '',
      'z',
      '```sh',
      'b',
      '```',
      '```js fragment',
      'c',
      '```',
    ]
    const text = fenced.join('\n')
    expect(examplesOf(new Map([['docs/a.md', text]]))).toEqual([
      { file: 'docs/a.md', line: 1, info: 'ts', code: 'a', language: 'ts', notRun: undefined, output: '| x |\n| y |' },
      {
        file: 'docs/a.md',
        line: 14,
        info: 'js fragment',
        code: 'c',
        language: 'js',
        notRun: 'fragment',
        output: undefined,
      },
    ])
  })

  it.each(['ts slow', 'ts fragment service-worker', 'ts toString'])('refuses a reason of its own: %s', (info) => {
    const docs = new Map([['a.md', `\`\`\`${info}\nx\n\`\`\``]])
    expect(() => examplesOf(docs)).toThrow(`a.md:1  behind ts may stand one of fragment, `)
  })
})
