/** Gives the four integers of a word. By shifts, which every browser knows; compilers make the same of `unpack4xI8`. */
export const UNPACK_INT8: string = /* wgsl */ `
fn unpackInt8(word: u32) -> vec4f { return vec4f(bitcast<vec4i>(vec4u(word) << vec4u(24, 16, 8, 0)) >> vec4u(24)); }`
