import { describe, expect, it } from 'vitest'
import { isEmbedderError } from '../../wire/embedder-error.js'
import { importModule } from './import-module.js'

const urlOf = (script: string): string => `data:text/javascript,${encodeURIComponent(script)}`

describe('importModule()', () => {
  it('gives what a module exports', async () => {
    expect(await importModule(urlOf('export const a = 1'))).toMatchObject({ a: 1 })
  })

  it('throws what the import throws', async () => {
    await expect(importModule(urlOf('throw new RangeError("no")'))).rejects.toThrow(RangeError)
  })

  it('does not wait for ever', async () => {
    const error: unknown = await importModule(urlOf('await new Promise(() => {})'), 50).catch(
      (caught: unknown) => caught,
    )
    expect(isEmbedderError(error, 'model-fetch-failed')).toBe(true)
    expect(error).toMatchObject({ details: { stalledMs: 50 } })
    expect((error as Error).message).toMatch(/^Cannot load the runtime as data:.* did not come within 0\.05 s/)
  })
})
