import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundledRuntimes } from './bundled-runtimes.js'
import { kernelUrls, RUNTIME_FILES, runtimeBytes, runtimeUrls, sharedKernelUrls } from './asset-urls.js'

const MODULES = join(import.meta.dirname, '../../../node_modules')

type EngineName = keyof typeof RUNTIME_FILES

/** Each engine has its own onnxruntime-web. */
const ORT: Readonly<Record<EngineName, string>> = {
  onnx: join(MODULES, 'onnxruntime-web'),
  transformers: join(realpathSync(join(MODULES, '@huggingface/transformers')), '../../onnxruntime-web'),
}
const ENGINES: readonly EngineName[] = ['onnx', 'transformers']

function versionOf(engine: EngineName): string {
  return (JSON.parse(readFileSync(join(ORT[engine], 'package.json'), 'utf8')) as { version: string }).version
}

describe('runtimeUrls()', () => {
  it.each([
    ['onnx', 15],
    ['transformers', 6],
  ] as const)('names the version of onnxruntime-web that is installed for %s', (engine, count) => {
    const tables = [
      runtimeUrls(engine, undefined, bundledRuntimes),
      runtimeUrls(engine, 'https://x.test/a/', bundledRuntimes),
    ]
    const urls = tables
      .flatMap((table) => Object.values(table))
      .flatMap(({ library, loader, wasm }) => [library, loader, wasm])
      .filter((url) => !url.endsWith('/transformers.js') && !url.endsWith('/transformers.ts'))
    expect(urls).toHaveLength(count)
    for (const url of urls) expect(url).toContain(`/runtime/onnxruntime-web@${versionOf(engine)}/`)
  })

  it('never gives one engine the runtime of the other', () => {
    expect(versionOf('onnx')).not.toBe(versionOf('transformers'))
  })

  it('takes asyncify only from assetBaseUrl', () => {
    expect(Object.keys(runtimeUrls('onnx', undefined, bundledRuntimes))).toEqual(['wasm', 'jspi'])
    expect(Object.keys(runtimeUrls('onnx', 'https://x.test/a/', bundledRuntimes))).toEqual(['wasm', 'jspi', 'asyncify'])
    expect(Object.keys(runtimeUrls('transformers', undefined, bundledRuntimes))).toEqual(['wasm'])
    expect(Object.keys(runtimeUrls('transformers', 'https://x.test/a/', bundledRuntimes))).toEqual(['wasm', 'asyncify'])
  })

  it('finds the bundle of transformers.js', () => {
    expect(runtimeUrls('transformers', 'https://x.test/a/', bundledRuntimes).wasm?.library).toBe(
      'https://x.test/a/transformers.js',
    )
    expect(runtimeUrls('transformers', undefined, bundledRuntimes).wasm?.library).toMatch(/\/transformers\.js$/)
  })
})

describe('kernelUrls()', () => {
  it('finds both builds, in a folder that the build names after their bytes', () => {
    expect(kernelUrls('https://x.test/a/')).toEqual({
      'relaxed-simd': 'https://x.test/a/runtime/kernels@build/relaxed-simd.wasm',
      simd: 'https://x.test/a/runtime/kernels@build/simd.wasm',
    })
    expect(kernelUrls(undefined).simd).toMatch(/\/runtime\/kernels@build\/simd\.wasm$/)
  })

  it('has each of them for shared memory too', () => {
    expect(sharedKernelUrls('https://x.test/a/')).toEqual({
      'relaxed-simd': 'https://x.test/a/runtime/kernels@build/relaxed-simd-shared.wasm',
      simd: 'https://x.test/a/runtime/kernels@build/simd-shared.wasm',
    })
    expect(sharedKernelUrls(undefined)['relaxed-simd']).toMatch(/\/kernels@build\/relaxed-simd-shared\.wasm$/)
  })
})

describe('runtimeBytes()', () => {
  const cases = ENGINES.flatMap((engine) =>
    Object.entries(RUNTIME_FILES[engine]).map(([name, files]) => ({ engine, name, files })),
  )

  it.each(cases)('has the bytes of $engine on $name', ({ engine, name, files: { library, loader, wasm } }) => {
    const own = engine === 'onnx' ? [library, loader, wasm] : [loader, wasm]
    const sizeOf = (file: string): number => statSync(join(ORT[engine], 'dist', file.split('/').at(-1) ?? '')).size
    // The bundle of transformers.js is made by the build; e2e/dist.spec.ts compares it.
    const bundle = engine === 'onnx' ? 0 : 492_000
    expect(runtimeBytes(engine, name as 'wasm')).toBe(own.reduce((total, file) => total + sizeOf(file), bundle))
  })
})
