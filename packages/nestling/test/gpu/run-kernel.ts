import { openGpu } from '@nestling/testing/gpu'
import { GpuPipelines } from '../../src/engine/kernels/webgpu/gpu-pipelines.js'

/** Numbers behind a buffer's end that no kernel may touch. */
const CANARIES = 64
const CANARY = 12_345.5

/** A kernel and what it is given. */
export interface KernelCall {
  readonly code: string
  readonly groups: readonly [number, number]
  readonly run: Uint32Array<ArrayBuffer>
  readonly parameters: Uint32Array<ArrayBuffer>
  /** From binding 2 on; what is written is given back. */
  readonly buffers: readonly {
    readonly values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>
    readonly isWritten?: boolean
  }[]
}

let device: Promise<GPUDevice> | undefined
/** Kernels of earlier calls are not compiled again. */
let pipelines: GpuPipelines | undefined

/** A device with all that the adapter can; the same for every call. */
export function testDevice(): Promise<GPUDevice> {
  device ??= openGpu().then(async (found) => {
    if ('reason' in found) throw new Error(found.reason)
    const adapter = await found.gpu.requestAdapter()
    if (adapter === null) throw new Error('Cannot test without an adapter')
    const requiredFeatures = (['shader-f16'] as const).filter((feature) => adapter.features.has(feature))
    return adapter.requestDevice({ requiredFeatures })
  })
  return device
}

/**
 * Runs a kernel once.
 *
 * @returns What each written buffer holds afterwards.
 * @throws {Error} If the GPU refuses it, or anything behind a buffer's end was changed.
 */
export async function runKernel(call: KernelCall): Promise<Float32Array[]> {
  const gpu = await testDevice()
  gpu.pushErrorScope('validation')
  const buffers = call.buffers.map(({ values }) => bufferOf(gpu, values))
  const isWritten = call.buffers.map(({ isWritten: is = false }) => is)
  pipelines ??= new GpuPipelines(gpu)
  const pipeline = await pipelines.compile('test', call.code, isWritten)
  const { UNIFORM, COPY_DST } = GPUBufferUsage
  const parameters = gpu.createBuffer({ size: call.parameters.byteLength, usage: UNIFORM | COPY_DST })
  gpu.queue.writeBuffer(parameters, 0, call.parameters)
  const all = [bufferOf(gpu, call.run), parameters, ...buffers]
  const group = gpu.createBindGroup({
    layout: pipelines.layoutOf(isWritten),
    entries: all.map((buffer, binding) => ({ binding, resource: { buffer } })),
  })
  const encoder = gpu.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  pass.setBindGroup(0, group)
  pass.dispatchWorkgroups(...call.groups)
  pass.end()
  gpu.queue.submit([encoder.finish()])
  const results: Float32Array[] = []
  for (const [index, buffer] of buffers.entries()) {
    if (isWritten[index] !== true) continue
    const values = await readFloats(gpu, buffer)
    const length = values.length - CANARIES
    if (values.subarray(length).some((value) => value !== CANARY)) throw new Error(`Buffer ${index} was overrun`)
    results.push(values.slice(0, length))
  }
  const error = await gpu.popErrorScope()
  if (error !== null) throw new Error(error.message)
  return results
}

/** The values, filled up to whole words of four, and canaries behind them. */
function bufferOf(gpu: GPUDevice, values: KernelCall['buffers'][number]['values']): GPUBuffer {
  const end = 16 * Math.ceil(values.byteLength / 16)
  const { STORAGE, COPY_SRC } = GPUBufferUsage
  const size = end + CANARIES * 4
  const buffer = gpu.createBuffer({ size, usage: STORAGE | COPY_SRC, mappedAtCreation: true })
  const range = buffer.getMappedRange()
  new Uint8Array(range).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  new Float32Array(range, end).fill(CANARY)
  buffer.unmap()
  return buffer
}

async function readFloats(gpu: GPUDevice, source: GPUBuffer): Promise<Float32Array> {
  const { COPY_DST, MAP_READ } = GPUBufferUsage
  const target = gpu.createBuffer({ size: source.size, usage: COPY_DST | MAP_READ })
  const encoder = gpu.createCommandEncoder()
  encoder.copyBufferToBuffer(source, 0, target, 0, source.size)
  gpu.queue.submit([encoder.finish()])
  await target.mapAsync(GPUMapMode.READ)
  return new Float32Array(target.getMappedRange().slice(0))
}
