import { describe, expect, it } from 'vitest'
import type { ModelLocation } from '../wire/protocol.js'
import { modelKeyOf } from './model-key.js'

const listed = (sizeBytes: number): ModelLocation => {
  return { kind: 'listed', name: '@x/m', files: [{ path: 'a', url: 'https://cdn.test/a?v=1', sizeBytes, sha256: 'f' }] }
}

describe('modelKeyOf()', () => {
  it.each<[ModelLocation, string]>([
    [
      { kind: 'hub', name: 'o/m', endpoint: 'https://hub.test', revision: 'refs/pr/1', token: 'hf_secret' },
      'hub:https://hub.test/o/m@refs/pr/1',
    ],
    [{ kind: 'url', name: 'm', baseUrl: 'https://x.test/m?signature=secret#y' }, 'url:https://x.test/m/'],
    [{ kind: 'url', name: 'm', baseUrl: 'https://user:secret@x.test/m//' }, 'url:https://x.test/m/'],
  ])('names the source, and nothing secret: %#', async (location, key) => {
    expect(await modelKeyOf(location)).toBe(key)
  })

  it('tells versions of a package apart, wherever they are served', async () => {
    const key = await modelKeyOf(listed(1))
    // printf '[["a",1,"f"]]' | sha256sum
    expect(key).toBe('package:@x/m:81961d4057bd4be1')
    expect(await modelKeyOf(listed(2))).not.toBe(key)
  })

  it('has none for files of this machine', async () => {
    expect(await modelKeyOf({ kind: 'blobs', name: 'm', blobs: new Map() })).toBeUndefined()
  })
})
