import { ACTIVATE } from './activate.js'
import { UNPACK_INT8 } from './unpack-int8.js'

/** What weights are stored in. */
export type WeightKind = 'fp32' | 'fp16' | 'q8'

/** How a product is cut: into tiles whose operands lie in workgroup memory, or with every weight read where it lies. */
export type Tile =
  | { readonly kind: 'shared'; readonly columns: number; readonly lines: number; readonly rows: number }
  | { readonly kind: 'direct'; readonly columns: number; readonly slices: number; readonly rows: number }

/** Rows that the invocations of a workgroup cover. */
export function tileRows(tile: Tile): number {
  return tile.kind === 'shared' ? tile.lines * tile.rows : tile.rows
}

/** Words of four columns that the invocations of a workgroup cover: each has two, side by side. */
export function tileWords({ columns }: Tile): number {
  return 2 * columns
}

/** Bits of `Product.flags`. */
export const PRODUCT_FLAGS = { addToOutput: 1, gate: 2, addInput: 4 } as const

/** What a product is told, in this order: `struct Product`. */
export const PRODUCT_FIELDS = [
  'depth',
  'words',
  'outWords',
  'inStride',
  'outStride',
  'countAt',
  'activation',
  'flags',
] as const

/** Words of four depths that a tile holds at a time. */
const STEP = 4

const list = (count: number, of: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => of(i)).join('\n')

/**
 * Writes a kernel: output[row, word] = activation(sum over depth of input[row] * weights[word] * scale + bias), with what
 * `PRODUCT_FLAGS` says. Weights lie as words of four columns, depth by depth: `weights[k * words + word]`.
 *
 * @param weights - What they are stored in.
 */
export function productShader(weights: WeightKind, tile: Tile): string {
  return `${header(weights)}${ACTIVATE}${finish(weights)}${tile.kind === 'shared' ? shared(tile) : direct(tile)}`
}

function header(weights: WeightKind): string {
  const isHalf = weights === 'fp16'
  const word = { fp32: 'vec4f', fp16: 'vec4h', q8: 'u32' }[weights]
  const unpack = { fp32: 'word', fp16: 'word', q8: 'unpackInt8(word)' }[weights]
  return /* wgsl */ `${isHalf ? 'enable f16;' : ''}${UNPACK_INT8}
alias Operand = ${isHalf ? 'vec4h' : 'vec4f'};
struct Product { ${PRODUCT_FIELDS.map((name) => `${name}: u32`).join(', ')} }
@group(0) @binding(0) var<storage> run: array<u32>;
@group(0) @binding(1) var<uniform> op: Product;
@group(0) @binding(2) var<storage> input: array<vec4f>;
@group(0) @binding(3) var<storage> weights: array<${word}>;
@group(0) @binding(4) var<storage> columns: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>;
fn weightAt(k: u32, word_: u32) -> Operand { let word = weights[k * op.words + word_]; return ${unpack}; }
fn toOperand(value: vec4f) -> Operand { return ${isHalf ? 'vec4h(clamp(value, vec4f(-65504), vec4f(65504)))' : 'value'}; }`
}

/** What becomes of the sums of a row and two words. */
function finish(weights: WeightKind): string {
  const scaled = weights === 'q8' ? 'sum * columns[op.words + word]' : 'sum'
  return /* wgsl */ `
fn withBias(word: u32, sum: vec4f) -> vec4f { return ${scaled} + columns[word]; }
fn put(row: u32, word: u32, value: vec4f) {
  if (word >= op.outWords) { return; }
  let at = row * op.outStride + word;
  var result = value;
  if ((op.flags & ${PRODUCT_FLAGS.addInput}) != 0) { result += input[row * op.inStride + word]; }
  if ((op.flags & ${PRODUCT_FLAGS.addToOutput}) != 0) { result += output[at]; }
  output[at] = result;
}
fn finish(row: u32, word: u32, left: vec4f, right: vec4f) {
  if (row >= run[op.countAt] || word >= op.words) { return; }
  let first = activate(op.activation, withBias(word, left));
  let second = withBias(word + 1, right);
  if ((op.flags & ${PRODUCT_FLAGS.gate}) != 0) { put(row, word / 2, first * second); return; }
  put(row, word, first);
  put(row, word + 1, activate(op.activation, second));
}`
}

function shared({ columns, lines, rows }: Extract<Tile, { kind: 'shared' }>): string {
  const threads = columns * lines
  const height = lines * rows
  const words = 2 * columns
  const f32 = (name: string): string => `vec4f(${name})`
  return /* wgsl */ `
var<workgroup> inputTile: array<Operand, ${height * STEP}>;
var<workgroup> weightTile: array<Operand, ${STEP * 4 * words}>;
@compute @workgroup_size(${columns}, ${lines})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) thread: u32) {
  let count = run[op.countAt];
  let firstRow = group.y * ${height};
  let firstWord = group.x * ${words};
  ${list(rows, (r) => `var l${r} = vec4f(); var r${r} = vec4f();`)}
  for (var step = 0u; step < op.depth; step += ${STEP}) {
    for (var i = thread; i < ${height * STEP}; i += ${threads}) {
      let row = firstRow + i / ${STEP};
      let at = step + i % ${STEP};
      var value = vec4f();
      if (row < count && at < op.depth) { value = input[row * op.inStride + at]; }
      inputTile[i] = toOperand(value);
    }
    for (var i = thread; i < ${STEP * 4 * words}; i += ${threads}) {
      let k = i / ${words};
      let word = i % ${words};
      var value = Operand();
      if (step + k / 4 < op.depth && firstWord + word < op.words) { value = weightAt(step * 4 + k, firstWord + word); }
      weightTile[k * ${words} + (word & 1) * ${columns} + (word >> 1)] = value;
    }
    workgroupBarrier();
    for (var at = 0u; at < ${STEP}; at++) {
      ${list(rows, (r) => `let a${r} = ${f32(`inputTile[(local.y * ${rows} + ${r}) * ${STEP} + at]`)};`)}
      ${list(
        4,
        (k) => `let b${k} = ${f32(`weightTile[(at * 4 + ${k}) * ${words} + local.x]`)};
      let c${k} = ${f32(`weightTile[(at * 4 + ${k}) * ${words} + ${columns} + local.x]`)};
      ${list(rows, (r) => `l${r} = fma(vec4f(a${r}[${k}]), b${k}, l${r}); r${r} = fma(vec4f(a${r}[${k}]), c${k}, r${r});`)}`,
      )}
    }
    workgroupBarrier();
  }
  let word = firstWord + 2 * local.x;
  ${list(rows, (r) => `finish(firstRow + local.y * ${rows} + ${r}, word, l${r}, r${r});`)}
}`
}

function direct({ columns, slices, rows }: Extract<Tile, { kind: 'direct' }>): string {
  const sums = 2 * rows
  const reduce = /* wgsl */ `
  let own = (local.y * ${columns} + local.x) * ${sums};
  ${list(rows, (r) => `partial[own + ${2 * r}] = l${r}; partial[own + ${2 * r + 1}] = r${r};`)}
  workgroupBarrier();
  for (var i = thread; i < ${columns * rows}; i += ${columns * slices}) {
    var left = vec4f();
    var right = vec4f();
    for (var slice = 0u; slice < ${slices}; slice++) {
      let at = (slice * ${columns} + i / ${rows}) * ${sums} + 2 * (i % ${rows});
      left += partial[at];
      right += partial[at + 1];
    }
    finish(firstRow + i % ${rows}, 2 * (group.x * ${columns} + i / ${rows}), left, right);
  }`
  return /* wgsl */ `
${slices > 1 ? `var<workgroup> partial: array<vec4f, ${columns * slices * sums}>;` : ''}
@compute @workgroup_size(${columns}, ${slices})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) thread: u32) {
  let firstRow = group.y * ${rows};
  let last = run[op.countAt] - 1;
  let word = min(2 * (group.x * ${columns} + local.x), op.words - 2);
  let share = (op.depth + ${slices - 1}) / ${slices};
  let start = local.y * share;
  let end = min(start + share, op.depth);
  ${list(rows, (r) => `var l${r} = vec4f(); var r${r} = vec4f(); let row${r} = min(firstRow + ${r}, last) * op.inStride;`)}
  for (var at = start; at < end; at++) {
    ${list(rows, (r) => `let a${r} = vec4f(toOperand(input[row${r} + at]));`)}
    ${list(
      4,
      (k) => `let b${k} = vec4f(weightAt(at * 4 + ${k}, word));
    let c${k} = vec4f(weightAt(at * 4 + ${k}, word + 1));
    ${list(rows, (r) => `l${r} = fma(vec4f(a${r}[${k}]), b${k}, l${r}); r${r} = fma(vec4f(a${r}[${k}]), c${k}, r${r});`)}`,
    )}
  }
  ${slices > 1 ? reduce : list(rows, (r) => `finish(firstRow + ${r}, 2 * (group.x * ${columns} + local.x), l${r}, r${r});`)}
}`
}
