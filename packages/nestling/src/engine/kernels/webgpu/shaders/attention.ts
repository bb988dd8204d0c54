/** Invocations of a workgroup. */
const THREADS = 64

/** Score of a key that a query does not see: below any other. */
const MASKED = '-1e30'

/** How attention is cut: queries of a workgroup, and keys that it holds at a time. */
export interface AttentionTile {
  readonly queries: number
  readonly keys: number
  /** Words of four components that a head has. */
  readonly words: number
}

/**
 * Chooses how attention is cut, so that a workgroup takes less than 16 KiB.
 *
 * @param words - Words of four components that a head has.
 */
export function attentionTile(words: number): AttentionTile {
  const queries = [16, 8, 4, 2].find((count) => count * words <= 256) ?? 1
  const keys = [16, 8, 4].find((count) => count * (words + 1) <= 528) ?? 2
  return { queries, keys, words }
}

/** What attention is told, in this order; the scale follows. */
export const ATTENTION_FIELDS = [
  'stride',
  'keyStart',
  'valueStart',
  'outStride',
  'groupHeads',
  'isCausal',
  'maxDistance',
  'biasReach',
] as const

/** Says that there are no scores by distance; else they are those from `-biasReach` to `biasReach`, and farther keys have the last. */
export const NO_BIAS = 0xffffffff

/**
 * Writes a kernel: for a head and a few queries of a text, softmax(query * key * scale + bias) * value over all keys in sight, with the
 * largest score and the sum kept as keys go by.
 *
 * @see {@link https://arxiv.org/abs/1805.02867 | Online normalizer calculation for softmax}
 */
export function attentionShader(tile: AttentionTile): string {
  return `${header(tile)}${main(tile)}`
}

/** One more word a key: the lanes of a query read the same word of different keys. */
function keyStride({ words }: AttentionTile): number {
  return words + 1
}

function header(tile: AttentionTile): string {
  const { queries, keys, words } = tile
  return /* wgsl */ `
struct Attention { ${ATTENTION_FIELDS.map((name) => `${name}: u32`).join(', ')}, scale: f32 }
@group(0) @binding(0) var<storage> run: array<u32>;
@group(0) @binding(1) var<uniform> op: Attention;
@group(0) @binding(2) var<storage> rows: array<vec4f>;
@group(0) @binding(3) var<storage> biases: array<f32>;
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>;
var<workgroup> queryTile: array<vec4f, ${queries * words}>;
var<workgroup> keyTile: array<vec4f, ${keys * keyStride(tile)}>;
var<workgroup> scores: array<f32, ${queries * keys}>;
var<workgroup> shares: array<f32, ${queries * keys}>;
/** Keys or values from a row of a text on, those behind its end being its last. */
fn fill(start: u32, length: u32, first: u32, column: u32, thread: u32) {
  for (var i = thread; i < ${keys * words}; i += ${THREADS}) {
    let row = start + min(first + i / ${words}, length - 1);
    keyTile[i / ${words} * ${keyStride(tile)} + i % ${words}] = rows[row * op.stride + column + i % ${words}];
  }
}
fn isSeen(key: u32, place: u32) -> bool {
  return max(key, place) - min(key, place) <= op.maxDistance && (op.isCausal == 0 || key <= place);
}
fn biasOf(head: u32, key: u32, place: u32) -> f32 {
  if (op.biasReach == ${NO_BIAS}) { return 0; }
  let reach = i32(op.biasReach);
  return biases[head * (2 * op.biasReach + 1) + u32(clamp(i32(key) - i32(place), -reach, reach) + reach)];
}
fn scoreOf(query: u32, key: u32) -> f32 {
  var products = vec4f();
  for (var word = 0u; word < ${words}; word++) {
    products = fma(queryTile[query * ${words} + word], keyTile[key * ${keyStride(tile)} + word], products);
  }
  return dot(products, vec4f(1));
}`
}

/** Which rows a workgroup works on, and its queries. */
function findKeys({ queries, words }: AttentionTile): string {
  const lanes = THREADS / queries
  return /* wgsl */ `  let block = run[5] + 3 * group.x;
  let head = group.y;
  let start = run[block];
  let length = run[block + 1];
  let firstQuery = run[block + 2];
  let query = thread / ${lanes};
  let lane = thread % ${lanes};
  let place = firstQuery + query;
  let keyColumn = op.keyStart + head / op.groupHeads * ${words};
  let valueColumn = op.valueStart + head / op.groupHeads * ${words};
  for (var i = thread; i < ${queries * words}; i += ${THREADS}) {
    let row = min(firstQuery + i / ${words}, length - 1);
    queryTile[i] = rows[(start + row) * op.stride + head * ${words} + i % ${words}] * op.scale;
  }
  var firstKey = 0u;
  var end = length;
  if (op.isCausal != 0) { end = min(end, firstQuery + ${queries}); }
  if (op.maxDistance < length) {
    firstKey = max(firstQuery, op.maxDistance) - op.maxDistance;
    end = min(end, firstQuery + ${queries} + op.maxDistance);
  }`
}

function main(tile: AttentionTile): string {
  const { queries, keys, words } = tile
  const lanes = THREADS / queries
  const own = Array.from({ length: Math.ceil(words / lanes) }, (_, index) => index)
  const each = (line: (name: string, word: string) => string): string =>
    own.map((index) => line(`v${index}`, `lane + ${index * lanes}`)).join(' ')
  return /* wgsl */ `
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
${findKeys(tile)}
  var most = ${MASKED};
  var sum = 0.0;
  ${each((name) => `var ${name} = vec4f();`)}
  for (var first = firstKey; first < end; first += ${keys}) {
    workgroupBarrier();
    fill(start, length, first, keyColumn, thread);
    workgroupBarrier();
    for (var i = lane; i < ${keys}; i += ${lanes}) {
      let key = first + i;
      var score = ${MASKED};
      if (key < end && isSeen(key, place)) { score = scoreOf(query, i) + biasOf(head, key, place); }
      scores[query * ${keys} + i] = score;
    }
    workgroupBarrier();
    fill(start, length, first, valueColumn, thread);
    var larger = most;
    for (var i = 0u; i < ${keys}; i++) { larger = max(larger, scores[query * ${keys} + i]); }
    for (var i = lane; i < ${keys}; i += ${lanes}) {
      let score = scores[query * ${keys} + i];
      shares[query * ${keys} + i] = select(0.0, exp(score - larger), score > ${MASKED});
    }
    let shrink = exp(most - larger);
    most = larger;
    sum *= shrink;
    ${each((name) => `${name} *= shrink;`)}
    workgroupBarrier();
    for (var i = 0u; i < ${keys}; i++) {
      let share = shares[query * ${keys} + i];
      sum += share;
      ${each((name, word) => `${name} = fma(vec4f(share), keyTile[i * ${keyStride(tile)} + min(${word}, ${words - 1})], ${name});`)}
    }
  }
  if (place >= length) { return; }
  let at = (start + place) * op.outStride + head * ${words};
  ${each((name, word) => `if (${word} < ${words}) { output[at + ${word}] = ${name} / sum; }`)}
}`
}
