import type { Embedder } from 'nestling'
import { expect, expectTypeOf, it, vi } from 'vitest'
import * as search from '../src/index.js'

it("takes nestling's Embedder as it is", () => {
  expectTypeOf<Embedder>().toExtend<search.SearchEmbedder>()
})

it('says under Node that there are no workers', async () => {
  await expect(search.createIndex()).rejects.toMatchObject({ code: 'environment-unsupported' })
  await expect(search.createIndex({ dims: 3 } as search.CreateIndexOptions)).rejects.toThrow(TypeError)
})

it('touches no global of browsers at import', async () => {
  vi.resetModules()
  const touched: string[] = []
  const names = ['window', 'document', 'location', 'Worker', 'indexedDB']
  for (const name of names) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        touched.push(name)
        return undefined
      },
    })
  }
  await import('../src/index.js')
  for (const name of names) Reflect.deleteProperty(globalThis, name)
  expect(touched).toEqual([])
})
