import { expect, expectTypeOf, it, vi } from 'vitest'
import type { Embedder } from 'nestling'
import type { EvaluableEmbedder } from '../src/index.js'

it("takes nestling's Embedder as it is", () => {
  expectTypeOf<Embedder>().toExtend<EvaluableEmbedder>()
})

it('touches no global of browsers at import', async () => {
  vi.resetModules()
  const touched: string[] = []
  for (const name of ['window', 'document', 'location', 'Worker', 'indexedDB']) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        touched.push(name)
        return undefined
      },
    })
  }
  await import('../src/index.js')
  for (const name of ['window', 'document', 'location', 'Worker', 'indexedDB']) Reflect.deleteProperty(globalThis, name)
  expect(touched).toEqual([])
})
