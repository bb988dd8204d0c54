import { UNPACK_INT8 } from './unpack-int8.js'

/** How a table's rows are stored. */
export const TABLE_KINDS = { fp32: 0, int8: 1, fp16: 2 } as const

/** Invocations of a workgroup of {@link EMBED} and {@link POOL}. */
export const ROW_THREADS = 64

/** What {@link EMBED} is told, in this order. */
export const EMBED_FIELDS = ['words', 'stride', 'kind', 'firstId', 'rows', 'flags'] as const

/** Bits of `Embed.flags`. */
export const EMBED_FLAGS = { positions: 1 } as const

/**
 * Writes each token's first hidden state: its row of the table times scale, and the row of its position. Tokens whose row is in
 * another part of the table are left alone.
 */
export const EMBED: string = /* wgsl */ `${UNPACK_INT8}
struct Embed { ${EMBED_FIELDS.map((name) => `${name}: u32`).join(', ')}, scale: f32 }
@group(0) @binding(0) var<storage> run: array<u32>;
@group(0) @binding(1) var<uniform> op: Embed;
@group(0) @binding(2) var<storage> table: array<u32>;
@group(0) @binding(3) var<storage> scales: array<f32>;
@group(0) @binding(4) var<storage> positions: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>;
@compute @workgroup_size(${ROW_THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let word = id.x;
  let row = id.y;
  if (word >= op.words) { return; }
  let entry = run[run[2] + row] - op.firstId;
  if (entry >= op.rows) { return; }
  let at = entry * op.words + word;
  var value: vec4f;
  switch op.kind {
    case ${TABLE_KINDS.int8} { value = unpackInt8(table[at]) * scales[entry]; }
    case ${TABLE_KINDS.fp16} { value = vec4f(unpack2x16float(table[2 * at]), unpack2x16float(table[2 * at + 1])); }
    default { value = bitcast<vec4f>(vec4u(table[4 * at], table[4 * at + 1], table[4 * at + 2], table[4 * at + 3])); }
  }
  value *= op.scale;
  if ((op.flags & ${EMBED_FLAGS.positions}) != 0) { value += positions[run[run[3] + row] * op.words + word]; }
  output[row * op.stride + word] = value;
}`

/** What {@link POOL} is told, in this order. */
export const POOL_FIELDS = ['stride', 'columns', 'outStride', 'outColumn', 'weights', 'isMax'] as const

/** Adds up a text's hidden states by weights, or takes the largest of each component. */
export const POOL: string = /* wgsl */ `
struct Pool { ${POOL_FIELDS.map((name) => `${name}: u32`).join(', ')}, lowest: f32 }
@group(0) @binding(0) var<storage> run: array<u32>;
@group(0) @binding(1) var<uniform> op: Pool;
@group(0) @binding(2) var<storage> hidden: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@compute @workgroup_size(${ROW_THREADS})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let text = id.y;
  if (column >= op.columns) { return; }
  let start = run[run[6] + 2 * text];
  let end = start + run[run[6] + 2 * text + 1];
  var result = 0.0;
  if (op.isMax != 0) {
    result = op.lowest;
    for (var row = min(start + run[8], end); row < end; row++) { result = max(result, hidden[row * op.stride + column]); }
  } else {
    let weights = run[7] + op.weights * run[0];
    for (var row = start; row < end; row++) {
      result = fma(bitcast<f32>(run[weights + row]), hidden[row * op.stride + column], result);
    }
  }
  output[text * op.outStride + op.outColumn + column] = result;
}`
