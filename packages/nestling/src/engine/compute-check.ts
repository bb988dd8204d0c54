import { within } from '@nestling/kit/calls/within'

/** A device that does not answer a computation of microseconds within this does not work. */
const LIMIT_MS = 5000
const COUNT = 256
const GROUP = 64

/** Multiplies, adds and shifts integers; multiplies and adds floats; hands values over within a group. */
const SHADER = `
@group(0) @binding(0) var<storage, read_write> results: array<u32>;
var<workgroup> shared_values: array<f32, ${GROUP}>;
@compute @workgroup_size(${GROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = id.x;
  shared_values[lane] = f32(i) * 0.5 + 0.25;
  workgroupBarrier();
  var sum = 0.0;
  for (var k = 0u; k < 4u; k++) { sum += shared_values[(lane + k) % ${GROUP}u] * f32(k + 1u); }
  results[2u * i] = (i * 2654435761u + 12345u) ^ (i << 7u);
  results[2u * i + 1u] = bitcast<u32>(sum);
}`

/**
 * Computes what {@link SHADER} has to give. Every float is a multiple of a quarter, so there is nothing to round.
 *
 * @returns Bits, two words an invocation.
 */
function expectedResults(): Uint32Array {
  const words = new Uint32Array(2 * COUNT)
  const floats = new Float32Array(words.buffer)
  for (let i = 0; i < COUNT; i++) {
    words[2 * i] = (Math.imul(i, 2654435761) + 12345) ^ (i << 7)
    const start = i - (i % GROUP)
    let sum = 0
    for (let k = 0; k < 4; k++) sum += ((start + ((i + k) % GROUP)) * 0.5 + 0.25) * (k + 1)
    floats[2 * i + 1] = sum
  }
  return words
}

/**
 * Makes an adapter compute something with a known result: some drivers answer wrongly, some never.
 *
 * @param adapter - The adapter; it gives a device of its own for this, and only one.
 * @param limitMs - How long it may take.
 * @returns What is wrong; `undefined` when nothing is.
 */
export async function checkCompute(adapter: GPUAdapter, limitMs: number = LIMIT_MS): Promise<string | undefined> {
  let device: GPUDevice | undefined
  let isOver = false
  const computing = adapter.requestDevice({ label: 'nestling-probe' }).then((made) => {
    device = made
    // Too late: nobody waits any more.
    if (isOver) made.destroy()
    return compute(made)
  })
  try {
    const found = await within(computing, limitMs)
    if (found === undefined) return `the adapter did not answer a small computation within ${limitMs} ms`
    const isRight = expectedResults().every((word, index) => found[index] === word)
    return isRight ? undefined : 'the adapter computes wrongly'
  } catch (error) {
    return `the adapter fails at a small computation: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    isOver = true
    device?.destroy()
  }
}

async function compute(device: GPUDevice): Promise<Uint32Array> {
  const size = 2 * COUNT * Uint32Array.BYTES_PER_ELEMENT
  const results = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC })
  const readable = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ })
  const module = device.createShaderModule({ code: SHADER })
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } })
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: results } }],
  })
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  pass.setBindGroup(0, group)
  pass.dispatchWorkgroups(COUNT / GROUP)
  pass.end()
  encoder.copyBufferToBuffer(results, 0, readable, 0, size)
  device.queue.submit([encoder.finish()])
  await readable.mapAsync(GPUMapMode.READ)
  return new Uint32Array(readable.getMappedRange().slice(0))
}
