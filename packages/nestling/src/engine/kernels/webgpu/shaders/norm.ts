/** Invocations that share a row. */
const NORM_THREADS = 64

/** Kinds of norms: `l2` divides by the length, and has no factors. */
export const NORM_KINDS = { layer: 0, rms: 1, l2: 2 } as const

/** What {@link NORM} is told, in this order; two floats follow. */
export const NORM_FIELDS = [
  'words',
  'columns',
  'sourceStride',
  'stride',
  'nextStride',
  'flags',
  'kind',
  'nextKind',
] as const

/** Bits of `Norm.flags`. */
export const NORM_FLAGS = { inPlace: 1, add: 2, hasNext: 4 } as const

/**
 * kept = norm(source), kept += norm(source) or kept = norm(kept); then, where there is a next norm, next = norm(kept).
 * Columns behind the last have factors of 0, so that they stay 0.
 */
export const NORM: string = /* wgsl */ `
struct Norm { ${NORM_FIELDS.map((name) => `${name}: u32`).join(', ')}, epsilon: f32, nextEpsilon: f32 }
@group(0) @binding(1) var<uniform> op: Norm;
@group(0) @binding(2) var<storage> source: array<vec4f>;
@group(0) @binding(3) var<storage> factors: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> kept: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> next: array<vec4f>;
var<workgroup> sums: array<f32, ${NORM_THREADS}>;
fn total(thread: u32, value: f32) -> f32 {
  workgroupBarrier();
  sums[thread] = value;
  for (var half = ${NORM_THREADS / 2}u; half > 0; half >>= 1) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  workgroupBarrier();
  return sums[0];
}
fn load(isInput: bool, row: u32, word: u32) -> vec4f {
  if (isInput) { return source[row * op.sourceStride + word]; }
  return kept[row * op.stride + word];
}
/** 1 for columns, 0 for those that fill up the last word. */
fn inside(word: u32) -> vec4f {
  return select(vec4f(), vec4f(1), vec4u(4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3) < vec4u(op.columns));
}
/** What is subtracted from a row, and what it is multiplied by. */
fn measure(isInput: bool, row: u32, thread: u32, kind: u32, epsilon: f32) -> vec2f {
  let columns = f32(op.columns);
  var mean = 0.0;
  if (kind == ${NORM_KINDS.layer}) {
    var sum = 0.0;
    for (var word = thread; word < op.words; word += ${NORM_THREADS}) { sum += dot(load(isInput, row, word), inside(word)); }
    mean = total(thread, sum) / columns;
  }
  var squares = 0.0;
  for (var word = thread; word < op.words; word += ${NORM_THREADS}) {
    let value = (load(isInput, row, word) - mean) * inside(word);
    squares += dot(value, value);
  }
  squares = total(thread, squares);
  if (kind == ${NORM_KINDS.l2}) { return vec2f(0, 1 / max(sqrt(squares), epsilon)); }
  return vec2f(mean, 1 / sqrt(squares / columns + epsilon));
}
fn scaled(value: vec4f, measured: vec2f, kind: u32, word: u32) -> vec4f {
  let result = (value - measured.x) * measured.y;
  if (kind == ${NORM_KINDS.l2}) { return result; }
  return fma(result, factors[word], factors[op.words + word]);
}
@compute @workgroup_size(${NORM_THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.x;
  let isInput = (op.flags & ${NORM_FLAGS.inPlace}) == 0;
  let measured = measure(isInput, row, thread, op.kind, op.epsilon);
  for (var word = thread; word < op.words; word += ${NORM_THREADS}) {
    var value = scaled(load(isInput, row, word), measured, op.kind, word);
    if ((op.flags & ${NORM_FLAGS.add}) != 0) { value += kept[row * op.stride + word]; }
    kept[row * op.stride + word] = value;
  }
  if ((op.flags & ${NORM_FLAGS.hasNext}) == 0) { return; }
  let again = measure(false, row, thread, op.nextKind, op.nextEpsilon);
  for (var word = thread; word < op.words; word += ${NORM_THREADS}) {
    next[row * op.nextStride + word] = scaled(kept[row * op.stride + word], again, op.nextKind, 2 * op.words + word);
  }
}`
