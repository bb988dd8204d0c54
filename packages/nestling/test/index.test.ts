import { describe, expect, it, vi } from 'vitest'
import * as nestling from '../src/index.js'

describe('nestling', () => {
  it('touches no global of browsers at import', async () => {
    vi.resetModules()
    const touched: string[] = []
    const restore: (() => void)[] = []
    for (const name of ['window', 'document', 'location', 'navigator', 'Worker', 'indexedDB']) {
      const original = Object.getOwnPropertyDescriptor(globalThis, name)
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get: () => {
          touched.push(name)
          return undefined
        },
      })
      if (original === undefined) continue
      restore.push(() => Object.defineProperty(globalThis, name, original))
    }
    await import('../src/index.js')
    for (const undo of restore.splice(0)) undo()
    expect(touched).toEqual([])
  })

  it('load() and plan() reject outside of browsers, whatever they are given', async () => {
    for (const call of [nestling.load, nestling.plan]) {
      const error = await call('https://x.test/model').catch((caught: unknown) => caught)
      expect(nestling.isEmbedderError(error, 'environment-unsupported')).toBe(true)
      expect((error as Error).message).toMatch(/call load\(\) in a browser/)
    }
  })

  it('isSupported() answers outside of browsers', async () => {
    const support = await nestling.isSupported()
    expect(support).toMatchObject({ supported: false, webgpu: false })
    expect(support.reasons).toHaveLength(2)
  })
})
