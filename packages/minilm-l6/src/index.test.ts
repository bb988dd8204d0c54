import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as entry from './index.js'

const PACKAGE = join(import.meta.dirname, '..')
const { minilmL6 } = entry

test('the entry exports the model and nothing else', () => {
  expect(Object.keys(entry)).toEqual(['minilmL6'])
})

test('minilmL6 says what it is', async () => {
  const { name, version, license } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as Record<
    string,
    string
  >
  expect(minilmL6.id).toBe('@nestling/minilm-l6')
  expect(name).toBe(minilmL6.id)
  expect(minilmL6.version, 'run the build, which copies the version').toBe(version)
  expect(minilmL6.license).toBe('Apache-2.0')
  expect(license).toBe(minilmL6.license)
  expect(minilmL6.nestedDims).toEqual([384, 256, 128, 64, 32, 16])
  expect(minilmL6.origin).toContain('sentence-transformers/all-MiniLM-L6-v2')
  expect(minilmL6.origin).toContain('53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db')
  expect(minilmL6.origin).toContain('rotation')
})

test('minilmL6 lists every file of the model folder', async () => {
  const entries = await readdir(join(PACKAGE, 'model'), { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name).slice(join(PACKAGE, 'model/').length).replaceAll('\\', '/'))
  expect(minilmL6.files.map(({ path }) => path)).toEqual(paths.sort())
})

test.each(minilmL6.files)('$path has the listed size, hash and text', async ({ path, sizeBytes, sha256, text }) => {
  const bytes = await readFile(join(PACKAGE, 'model', path))
  expect(bytes.byteLength).toBe(sizeBytes)
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
  if (text !== undefined) expect(Buffer.from(text).equals(bytes)).toBe(true)
})

test('each file has either a URL beside the entry or its text', () => {
  const withUrl = minilmL6.files.filter(({ url }) => url !== undefined)
  expect(withUrl.map(({ path }) => path)).toEqual([
    '2_Dense/model.safetensors',
    'golden.json',
    'model.safetensors',
    'tokenizer.json',
  ])
  for (const { path, url, text } of minilmL6.files) {
    if (url === undefined) expect(text, path).toBeDefined()
    else {
      expect(text, path).toBeUndefined()
      expect(url).toBe(new URL(`./${path}`, new URL('./index.ts', import.meta.url)).href)
    }
  }
})
