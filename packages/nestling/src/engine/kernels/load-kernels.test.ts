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

beforeAll(async () => {
  simd = dataUrl(await compileKernels('simd'))
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

  it('tells which file is no module', async () => {
    const url = dataUrl(Uint8Array.of(1, 2, 3))
    const loading = loadKernels([{ build: 'simd', url }])
    await expect(loading).rejects.toMatchObject({ code: 'environment-unsupported', details: { runtime: 'simd', url } })
  })
})

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
