/**
 * Instructions that relaxed SIMD has and plain SIMD lacks, so that one source gives both builds.
 *
 * `ASC_FEATURE_RELAXED_SIMD` is a constant of the compiler: the branch that is not taken vanishes.
 */

/**
 * Computes a * b + c; rounded once where the processor can.
 */
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** Adds the four lanes. */
@inline
export function sumOf(a: v128): f32 {
  return f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
}

/** Largest of the four lanes. */
@inline
export function maxOf(a: v128): f32 {
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  )
}

/** Smallest of the four lanes. */
@inline
export function minOf(a: v128): f32 {
  return min(
    min(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    min(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  )
}
