import { describe, expect, it } from 'vitest'
import { exportedNames, isPrint, toRunnable, withGiven } from './runnable-example.js'

describe('exportedNames()', () => {
  it('lists what a module declares and passes on', () => {
    const code = [
      "import { hidden } from 'x'",
      "export { load, a as latest } from 'nestling'",
      'export const { one, two: [three] } = hidden, four = 4',
      'export function five() {}',
      'const six = 6',
      'export type Seven = 7',
    ].join('\n')
    expect(exportedNames(code)).toEqual(['load', 'latest', 'one', 'three', 'four', 'five'])
  })
})

describe('withGiven()', () => {
  it('imports what the example uses, and not what it declares or imports', () => {
    const code = "import { load } from 'nestling'\nconst { query } = await load(model)"
    const names = ['embedder', 'load', 'model', 'query'].map((name) => [name, `./${name}.ts`] as const)
    expect(withGiven(code, new Map(names))).toBe(`import { model } from './model.ts'; ${code}\nexport {}\n`)
  })

  it('takes a name of an inner scope for another one', () => {
    const code = 'const run = (text: string) => { const query = text; return query }'
    expect(withGiven(code, new Map([['embedder', './given.ts']]))).toBe(`${code}\nexport {}\n`)
  })
})

describe('toRunnable()', () => {
  it('keeps the lines and finds what is said to be printed', () => {
    const code = [
      'console.log(a.b) // [3, 384]',
      'console.log(a) // 1',
      'for (const row of rows) console.log(row.length, f(console.log(2))) // 384',
      'x(() => console.log(',
      '  1,',
      ')) // one',
      'console.log(3)',
      'y() // no print',
    ].join('\n')
    const { code: module, prints } = toRunnable(code, new Map())
    expect([...prints]).toEqual([
      [1, '[3, 384]'],
      [2, '1'],
      [3, '384'],
      [6, 'one'],
    ])
    expect(module.split('\n').slice(0, 7)).toEqual([
      "import { printAt } from './prints.ts'; printAt(1)(a.b) // [3, 384]",
      'printAt(2)(a) // 1',
      'for (const row of rows) printAt(3)(row.length, f(printAt(3)(2))) // 384',
      'x(() => printAt(6)(',
      '  1,',
      ')) // one',
      'printAt(7)(3)',
    ])
  })

  it('leaves what only looks like a print', () => {
    const { prints } = toRunnable("const text = 'console.log(1) // 2'\n// console.log(1) // 2", new Map())
    expect([...prints]).toEqual([])
  })
})

describe('isPrint()', () => {
  it.each([
    ['[3, 384]', '[3, 384]', true],
    ['[3, 3842]', '[3, 384]', false],
    ['Float32Array [1, 0.268, 0.157]', 'Float32Array [1, 0.26…, 0.15…]', true],
    ['Float32Array [1, 0.278, 0.157]', 'Float32Array [1, 0.26…, 0.15…]', false],
    ['a\nb', '…b', true],
    ['axb', 'a.b', false],
  ])('compares "%s" with "%s"', (printed, expected, isSame) => {
    expect(isPrint(printed, expected)).toBe(isSame)
  })
})
