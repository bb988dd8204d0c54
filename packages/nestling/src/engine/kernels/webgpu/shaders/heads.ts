/** Invocations of a workgroup; each has a head of a row. */
export const HEADS_THREADS = 64

/** What {@link HEADS} is told, in this order. */
export const HEADS_FIELDS = [
  'stride',
  'heads',
  'keyValueHeads',
  'headDim',
  'headStride',
  'keyStart',
  'flags',
  'kind',
] as const

/** Bits of `Heads.flags`. */
export const HEADS_FLAGS = { queryNorm: 1, keyNorm: 2, rotary: 4 } as const

/** Normalises the queries and keys of each head and turns them by their position, in place. */
export const HEADS: string = /* wgsl */ `
struct Heads { ${HEADS_FIELDS.map((name) => `${name}: u32`).join(', ')}, queryEpsilon: f32, keyEpsilon: f32 }
@group(0) @binding(0) var<storage> run: array<u32>;
@group(0) @binding(1) var<uniform> op: Heads;
@group(0) @binding(2) var<storage> factors: array<f32>;
@group(0) @binding(3) var<storage> turns: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> rows: array<f32>;
@compute @workgroup_size(${HEADS_THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.y;
  if (id.x >= op.heads + op.keyValueHeads) { return; }
  let isKey = id.x >= op.heads;
  let column = select(id.x * op.headStride, op.keyStart + (id.x - op.heads) * op.headStride, isKey);
  let start = row * op.stride + column;
  if ((op.flags & select(${HEADS_FLAGS.queryNorm}u, ${HEADS_FLAGS.keyNorm}u, isKey)) != 0) {
    var mean = 0.0;
    if (op.kind == 0) {
      for (var i = 0u; i < op.headDim; i++) { mean += rows[start + i]; }
      mean /= f32(op.headDim);
    }
    var squares = 0.0;
    for (var i = 0u; i < op.headDim; i++) { let value = rows[start + i] - mean; squares += value * value; }
    let factor = 1 / sqrt(squares / f32(op.headDim) + select(op.queryEpsilon, op.keyEpsilon, isKey));
    let own = select(0u, 2 * op.headDim, isKey);
    for (var i = 0u; i < op.headDim; i++) {
      rows[start + i] = (rows[start + i] - mean) * factor * factors[own + i] + factors[own + op.headDim + i];
    }
  }
  if ((op.flags & ${HEADS_FLAGS.rotary}) == 0) { return; }
  let half = op.headDim / 2;
  let place = run[run[4] + row] * half;
  for (var i = 0u; i < half; i++) {
    let turn = turns[place + i];
    let first = rows[start + i];
    let second = rows[start + half + i];
    rows[start + i] = first * turn.x - second * turn.y;
    rows[start + half + i] = second * turn.x + first * turn.y;
  }
}`
