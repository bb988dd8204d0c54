import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { RecordFiles } from './record-files.node.js'

const folder = mkdtempSync(join(tmpdir(), 'nestling-record-files-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

it('lets one commit at a time decide by what is there, also by another path of the folder', async () => {
  const path = join(folder, 'counted')
  const files = await RecordFiles.open(path)
  symlinkSync(path, join(folder, 'link'))
  const others = await RecordFiles.open(join(folder, 'link'))
  expect(others.folder).toBe(files.folder)
  const count = (by: RecordFiles): Promise<void> =>
    by.alone(async (commit) => {
      const value = ((await by.read('counts', ['a'])) as number | undefined) ?? 0
      // Whoever came in between would be lost.
      await new Promise((resolve) => setTimeout(resolve, 1))
      await commit([{ put: 'counts', key: ['a'], value: value + 1 }])
    })
  await Promise.all(Array.from({ length: 20 }, (_, time) => count(time % 2 === 0 ? files : others)))
  expect(await files.read('counts', ['a'])).toBe(20)
})

it('has another stamp for each writing of a record, and none where there is none', async () => {
  const files = await RecordFiles.open(join(folder, 'stamped'))
  expect(await files.stampOf('heads', ['a'])).toBeUndefined()
  const stamps: (string | undefined)[] = []
  for (let time = 0; time < 3; time++) {
    await files.commit([{ put: 'heads', key: ['a'], value: 'the same' }])
    stamps.push(await files.stampOf('heads', ['a']), await files.stampOf('heads', ['a']))
  }
  expect(new Set(stamps).size).toBe(3)
  await files.commit([{ delete: 'heads', key: ['a'] }])
  expect(await files.stampOf('heads', ['a'])).toBeUndefined()
})

it('changes nothing where a value cannot be cloned, or who decides throws', async () => {
  const files = await RecordFiles.open(join(folder, 'refused'))
  await files.commit([{ put: 'counts', key: ['a'], value: 1 }])
  const puts = [2, () => undefined].map((value, index) => ({ put: 'counts', key: ['a', index], value }))
  await expect(files.commit(puts)).rejects.toThrow('could not be cloned')
  const reason = new Error('enough')
  await expect(files.alone(() => Promise.reject(reason))).rejects.toBe(reason)
  expect(await files.keys('counts', [])).toEqual([['a']])
})
