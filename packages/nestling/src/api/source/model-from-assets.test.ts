import { expect, test } from 'vitest'
import type { ModelPackage } from '../../model/model-package.js'
import { modelFromAssets } from './model-from-assets.js'

const model: ModelPackage = {
  id: '@demo/model',
  version: '2.0.0',
  license: 'MIT',
  origin: '',
  nestedDims: [8],
  files: [
    { path: 'a/weights.bin', sizeBytes: 1, sha256: 'x', url: 'https://bundle.test/weights-1234.bin' },
    { path: 'config.json', sizeBytes: 2, sha256: 'y', text: '{}' },
  ],
}

test.each(['/app/nestling', '/app/nestling/'])(
  'modelFromAssets() names files below %s as copy-assets lays them',
  (base) => {
    const { files, ...rest } = modelFromAssets(model, base)
    expect(files[0]?.url).toBe('/app/nestling/models/@demo/model@2.0.0/a/weights.bin')
    expect(files[1]).toBe(model.files[1])
    expect({ ...rest, files: model.files }).toEqual(model)
  },
)

test('modelFromAssets() takes a URL', () => {
  const { files } = modelFromAssets(model, new URL('https://cdn.test/n/'))
  expect(files[0]?.url).toBe('https://cdn.test/n/models/@demo/model@2.0.0/a/weights.bin')
})
