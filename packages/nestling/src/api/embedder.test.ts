import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Embeddings } from '../math/embeddings.js'
import type { Embedder } from './embedder.js'

/** Only compiled. */
function checkTypes({ encode }: { readonly encode: Embedder['encode'] }): void {
  expectTypeOf(encode('a')).resolves.toEqualTypeOf<Embeddings<readonly [number]>>()
  expectTypeOf(encode(['a'], { normalize: true })).resolves.toEqualTypeOf<Embeddings>()
  const bits = encode(['a'], { precision: 'ubinary' })
  expectTypeOf(bits).resolves.toEqualTypeOf<Embeddings<readonly [number, number], 'ubinary'>>()
  expectTypeOf(encode('a', { precision: 'int8' })).resolves.toEqualTypeOf<Embeddings<readonly [number], 'int8'>>()
}

describe('Embedder', () => {
  it('types what encode() gives by the option precision, float32 without one', () => {
    expect(checkTypes).toBeTypeOf('function')
  })
})
