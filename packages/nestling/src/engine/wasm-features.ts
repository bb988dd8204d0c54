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
 * @returns Whether it is there.
 */
export function hasWasmFeature(feature: keyof typeof MODULES): boolean {
  return WebAssembly.validate(bytesOf(MODULES[feature]))
}

/** The shortest module there is: its magic number and version. */
const EMPTY_MODULE = '0061736d01000000'

/**
 * Tells whether WebAssembly may be compiled here. Where a content security policy forbids it, modules are still found valid, so only an
 * attempt tells. Worker and page may have different policies.
 */
export function canCompileWasm(): boolean {
  try {
    return new WebAssembly.Module(bytesOf(EMPTY_MODULE)) instanceof WebAssembly.Module
  } catch {
    return false
  }
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))
}
