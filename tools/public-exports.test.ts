import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { publicExports } from './lint/public-exports.mjs'

function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'nestling-exports-'))
  onTestFinished(() => {
    rmSync(root, { recursive: true })
  })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

it('follows the lists of every entry to what is declared', () => {
  const root = folderWith({
    'packages/one/package.json': JSON.stringify({
      exports: {
        '.': { types: './dist/index.d.ts' },
        './more': { types: './dist/inner/more.d.ts' },
        './package.json': './package.json',
      },
    }),
    'packages/one/src/index.ts': `
      export { inside as outside, type Shape } from './inside.js'
      export * from './list.js'
      export { external } from 'elsewhere'
      export const own = 1
    `,
    'packages/one/src/inside.ts': 'export function inside() {}\nexport type Shape = 1\nexport const hidden = 1\n',
    'packages/one/src/list.ts': "export { Thing } from './thing.js'\n",
    'packages/one/src/thing.ts': 'export class Thing {}\nexport interface Secret {}\n',
    'packages/one/src/inner/more.ts': 'export interface More {}\nconst unseen = 1\n',
    'packages/two/package.json': JSON.stringify({ private: true, exports: { '.': { types: './dist/index.d.ts' } } }),
  })
  expect(publicExports(root)).toEqual({
    files: ['index.ts', 'inner/more.ts', 'inside.ts', 'thing.ts'].map((file) => `packages/one/src/${file}`),
    names: ['More', 'Shape', 'Thing', 'inside', 'own'],
  })
})
