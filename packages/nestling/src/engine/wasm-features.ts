/**
 * Modules with one instruction of a proposal each, valid only where WebAssembly has it, in hexadecimal.
 *
 * @see {@link https://github.com/GoogleChromeLabs/wasm-feature-detect | wasm-feature-detect}
 */
const MODULES = {
  /** `i8x16.popcnt` */
  simd: '0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b',
  /** `i8x16.relaxed_swizzle` */
  relaxedSimd: '0061736d010000000105016000017b030201000a0f010d004101fd0f4102fd0ffd80020b',
} as const

/**
 * Tells whether WebAssembly has a proposal.
 *
 * @param feature - The proposal.
 * @returns Whether it is there.
 */
export function hasWasmFeature(feature: keyof typeof MODULES): boolean {
  const bytes = MODULES[feature].match(/../g) ?? []
  return WebAssembly.validate(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)))
}
