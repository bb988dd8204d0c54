import { describe, expect, it } from 'vitest'
import { missingFiles } from './missing-files.js'

const files = ['packages/nestling/src/api/load.ts', 'tools/check.mjs', 'README.md']
const none = new Set<string>()

describe('missingFiles', () => {
  it('finds a file by its name and by the end of its path', () => {
    expect(missingFiles('`load.ts`, `api/load.ts`, `tools/check.mjs` and `README.md`', files, none)).toEqual([])
  })

  it('tells of a name that no file has, with its line', () => {
    expect(missingFiles('a\n\n`encode/load.ts` is no file', files, none)).toEqual([
      '3  there is no file encode/load.ts',
    ])
    expect(missingFiles('`oad.ts`', files, none)).toEqual(['1  there is no file oad.ts'])
  })

  it('leaves alone what is no name, what names a form, what is known, and code blocks', () => {
    const text =
      '`index.update()`, `x.test.ts`, `*-speed.browser.test.ts`, `modules.json`\n\n```ts\nload(`gone.ts`)\n```\n'
    expect(missingFiles(text, files, new Set(['modules.json']))).toEqual([])
  })
})
