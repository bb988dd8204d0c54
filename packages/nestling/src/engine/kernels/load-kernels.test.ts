import { dataUrl } from '@nestling/testing/disk'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileKernels } from '../../../kernels/compile.mjs'
import { kernelBuilds } from './choose-kernels.js'
import { loadKernels } from './load-kernels.js'

const COMPILE_MS = 60_000

/** A module that imports `env.memory` and whose `probeProducts` gives 0, as a build does whose dot products are wrong. */
const WRONG = Uint8Array.from(
  (
    '0061736d01000000' +
    '010601' +
    '60017f017f' +
    '020f01' +
    '03656e76' +
    '066d656d6f7279' +
    '020000' +
    '03020100' +
    '071101' +
    '0d70726f626550726f6475637473' +
    '0000' +
    '0a0601' +
    '040041000b'
  ).match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
)

let simd: string
let sharedSimd: string

beforeAll(async () => {
  simd = dataUrl(await compileKernels('simd'))
  sharedSimd = dataUrl(await compileKernels('simd', { isShared: true }))
}, COMPILE_MS)

describe('loadKernels()', () => {
  it('takes the first build that computes right', async () => {
    const right = { build: 'simd', url: simd } as const
    const wrong = { build: 'relaxed-simd', url: dataUrl(WRONG) } as const
    expect(await loadKernels([right, wrong])).toMatchObject({ build: 'simd', inSteps: true })
    expect(await loadKernels([wrong, right])).toMatchObject({ build: 'simd' })
    await expect(loadKernels([wrong])).rejects.toMatchObject({ code: 'environment-unsupported' })
    await expect(loadKernels([])).rejects.toMatchObject({ code: 'environment-unsupported' })
  })

  it('takes those for shared memory, which others are not', async () => {
    expect(await loadKernels([{ build: 'simd', url: simd }])).toMatchObject({ isShared: false })
    expect(await loadKernels([{ build: 'simd', url: sharedSimd }], true)).toMatchObject({ isShared: true })
    await expect(loadKernels([{ build: 'simd', url: simd }], true)).rejects.toThrow()
    await expect(loadKernels([{ build: 'simd', url: sharedSimd }], false)).rejects.toThrow()
  })

  it('tells which file is no module', async () => {
    const url = dataUrl(Uint8Array.of(1, 2, 3))
    const loading = loadKernels([{ build: 'simd', url }])
    await expect(loading).rejects.toMatchObject({ code: 'environment-unsupported', details: { runtime: 'simd', url } })
  })
})

/** Sections of a module by their number. */
function sectionsOf(module: Uint8Array): Map<number, string> {
  const sections = new Map<number, string>()
  let place = 8
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = module[place++] as number
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (place < module.length) {
    const id = number()
    const size = number()
    sections.set(id, Buffer.from(module.subarray(place, place + size)).toString('hex'))
    place += size
  }
  return sections
}

it.each(['relaxed-simd', 'simd'] as const)(
  'the build %s has nothing of its own in memory, and the same code for shared memory',
  async (build) => {
    const own = sectionsOf(await compileKernels(build))
    const shared = sectionsOf(await compileKernels(build, { isShared: true }))
    // Types, imports, functions, exports and code: no globals (6), no start (8), no data (11).
    expect([...shared.keys()]).toEqual([1, 2, 3, 7, 10])
    const withoutImports = (sections: Map<number, string>): unknown[] => [...sections].filter(([id]) => id !== 2)
    expect(withoutImports(shared)).toEqual(withoutImports(own))
  },
  COMPILE_MS,
)

describe('kernelBuilds()', () => {
  const both = { 'relaxed-simd': 'r', simd: 's' }

  it.each([
    [{ hasSimd: true, hasRelaxedSimd: true }, both, ['relaxed-simd', 'simd']],
    [{ hasSimd: true, hasRelaxedSimd: false }, both, ['simd']],
    [{ hasSimd: true, hasRelaxedSimd: true }, { simd: 's' }, ['simd']],
    [{ hasSimd: false, hasRelaxedSimd: false }, both, []],
  ])('lists what runs with %o', (features, urls, expected) => {
    expect(kernelBuilds(urls, features)).toEqual(expected)
  })
})
