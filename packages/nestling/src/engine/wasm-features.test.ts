import { describe, expect, it } from 'vitest'
import { hasWasmFeature } from './wasm-features.js'

describe('hasWasmFeature()', () => {
  it('finds what every Node from 20.19 on has', () => {
    // V8 11.3 has SIMD; relaxed SIMD came with V8 11.4, behind no flag.
    expect(hasWasmFeature('simd')).toBe(true)
    expect(typeof hasWasmFeature('relaxedSimd')).toBe('boolean')
  })
})
