import { describe, expect, it } from 'vitest'
import { keyOfPath, recordPath } from './record-paths.node.js'

describe('the path of a record', () => {
  it.each([
    [
      ['model', 'hub:https://huggingface.co/Owner/Name@main'],
      'smodel/shub=3ahttps=3a=2f=2fhuggingface=2eco=2f=4fwner=2f=4eame=40main.bin',
    ],
    [['a', -1.5], 'sa/n-1=2e5.bin'],
    [[''], 's.bin'],
    [['..', '.'], 's=2e=2e/s=2e.bin'],
    [['ä', 0], 's=c3=a4/n0.bin'],
  ])('of %o is %s, and gives the key back', (key, path) => {
    expect(recordPath(key)).toBe(path)
    expect(keyOfPath(path)).toEqual(key)
  })

  it('has no name that is too long for a file system', () => {
    const key = ['Ä'.repeat(300), 'x']
    const path = recordPath(key)
    for (const name of path.split('/')) expect(name.length).toBeLessThan(200)
    expect(keyOfPath(path)).toEqual(key)
  })
})
