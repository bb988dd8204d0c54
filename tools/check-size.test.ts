import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { BUDGET_BYTES, measureStaticImports, totalBytes } from './check-size.js'

function readerOf(files: Record<string, string>): (file: string) => string {
  return (file) => {
    const text = files[file]
    if (text === undefined) throw new Error(`no ${file}`)
    return text
  }
}

describe('measureStaticImports()', () => {
  test('follows static imports and re-exports of relative files, each once', () => {
    const read = readerOf({
      'index.js': "import{a}from'./chunks/a.js';export*from'./b.js';import'outside';import('./lazy.js')",
      'chunks/a.js': "import '../b.js'; new Worker(new URL('./worker.js', import.meta.url))",
      'b.js': "export * from './chunks/a.js'",
    })
    const sizes = measureStaticImports('index.js', read)
    expect(sizes.map(({ file }) => file)).toEqual(['index.js', 'chunks/a.js', 'b.js'])
    expect(totalBytes(sizes)).toBeGreaterThan(100)
  })

  test('counts a chunk that breaks the budget', () => {
    const noise = `export const noise = '${randomBytes(BUDGET_BYTES).toString('base64')}'`
    const read = readerOf({ 'index.js': "import './noise.js'", 'noise.js': noise })
    expect(totalBytes(measureStaticImports('index.js', read))).toBeGreaterThan(BUDGET_BYTES)
  })

  test('throws where an imported file is missing', () => {
    expect(() => measureStaticImports('index.js', readerOf({ 'index.js': "import './gone.js'" }))).toThrow('no gone.js')
  })
})
