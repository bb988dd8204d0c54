import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RUNTIME_FILES, runtimeUrls } from './asset-urls.js'

const ORT = join(import.meta.dirname, '../../node_modules/onnxruntime-web')
const { version } = JSON.parse(readFileSync(join(ORT, 'package.json'), 'utf8')) as { version: string }

describe('runtimeUrls()', () => {
  it('names the version of onnxruntime-web that is installed', () => {
    const tables = [runtimeUrls(undefined), runtimeUrls('https://x.test/a/')]
    const urls = tables
      .flatMap((table) => Object.values(table))
      .flatMap(({ library, loader, wasm }) => [library, loader, wasm])
    expect(urls).toHaveLength(15)
    for (const url of urls) expect(url).toContain(`/runtime/onnxruntime-web@${version}/`)
  })

  it('takes asyncify only from assetBaseUrl', () => {
    expect(Object.keys(runtimeUrls(undefined))).toEqual(['wasm', 'jspi'])
    expect(Object.keys(runtimeUrls('https://x.test/a/'))).toEqual(['wasm', 'jspi', 'asyncify'])
  })
})

describe('RUNTIME_FILES', () => {
  it.each(Object.entries(RUNTIME_FILES))('has the bytes of %s', (_, { library, loader, wasm, sizeBytes }) => {
    const sum = [library, loader, wasm].reduce((total, file) => total + statSync(join(ORT, 'dist', file)).size, 0)
    expect(sizeBytes).toBe(sum)
  })
})
