import type { DeviceProbe } from '../wire/load-report.js'
import type { Dtype, KernelBuild, LoadRequest } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import { chooseDevice, chooseGpuBuild, chooseWebGpu, type DeviceChoice } from '../engine/choose-device.js'
import { toWebGpuSupport } from '../engine/device-probe.js'
import { kernelBuilds } from '../engine/kernels/choose-kernels.js'
import type { KernelDtype } from '../engine/kernels/packed-weights.js'
import type { GpuDtype } from '../engine/kernels/webgpu/create-webgpu-kernels.js'

/** A way to run a model in onnxruntime-web. */
export interface OnnxRung extends DeviceChoice {
  readonly engine: 'onnx' | 'transformers'
  readonly dtype: Dtype | 'auto'
}

/** A way to run a model on our kernels for the CPU. */
export interface KernelRung extends Omit<DeviceChoice, 'runtime'> {
  readonly engine: 'kernels'
  readonly device: 'wasm'
  readonly runtime: KernelBuild
  readonly dtype: KernelDtype | 'auto'
}

/** A way to run a model on our kernels for WebGPU. */
export interface GpuKernelRung extends Omit<DeviceChoice, 'runtime'> {
  readonly engine: 'kernels'
  readonly device: 'webgpu'
  readonly runtime: 'wgsl'
  readonly dtype: GpuDtype | 'auto'
  /** Whether it is taken only where it is faster than our kernels for the CPU. */
  readonly isTimed: boolean
}

/** One way to run a model. */
export type Rung = OnnxRung | KernelRung | GpuKernelRung

/** The ways to run a model, the best first. */
export interface Ladder {
  readonly rungs: readonly [Rung, ...Rung[]]
  /** What the best way lacks of what was asked for. */
  readonly warnings: readonly EmbedderWarning[]
}

/** What choosing depends on. */
export type LadderRequest = Pick<LoadRequest, 'device' | 'dtype' | 'engine' | 'runtime' | 'runtimes' | 'kernels'>

/**
 * Lists the ways to run a model: WebGPU on our kernels, in fp16 where that was asked for and the adapter can, then on onnxruntime;
 * then WASM on our kernels, then on onnxruntime. A device or an engine that was asked for by name is never left, and fp16 never tried
 * unasked.
 *
 * @param request - What was asked for.
 * @param probe - What is here.
 * @returns At least one way.
 * @throws {EmbedderError} `webgpu-unavailable` if WebGPU is asked for and cannot be had.
 */
export function ladderOf(request: LadderRequest, probe: DeviceProbe): Ladder {
  if (request.engine === 'auto' || request.engine === 'kernels') return kernelsLadder(request, probe)
  const first = chooseDevice(request, toWebGpuSupport(probe))
  // ONNX files have the dtype that they have; a rung of another dtype would be another download.
  if (request.engine === 'transformers') {
    const rung: Rung = { ...first, engine: 'transformers', dtype: request.dtype }
    return { rungs: withWasm(request, probe, [rung]), warnings: warningsOf(first, probe) }
  }
  const gpu: OnnxRung = { ...first, engine: 'onnx', dtype: 'fp32' }
  const base = first.device === 'webgpu' ? [gpu] : wasmRungs(request, probe, first.reason)
  return toLadder(request, probe, first, base)
}

/** On our kernels first. */
function kernelsLadder(request: LadderRequest, probe: DeviceProbe): Ladder {
  const first = chooseWebGpu(request.device, toWebGpuSupport(probe))
  const { isTaken, reason, isFallbackAdapter } = first
  if (!isTaken) return toLadder(request, probe, { ...first, device: 'wasm' }, wasmRungs(request, probe, reason))
  const onGpu = { device: 'webgpu', reason, isFallbackAdapter } as const
  const dtype = request.dtype === 'auto' || request.dtype === 'q8' ? request.dtype : 'fp32'
  const hasOther = request.device === 'auto' && kernelBuilds(request.kernels, probe.wasm).length > 0
  const kernels: Rung = { ...onGpu, engine: 'kernels', runtime: 'wgsl', dtype, isTimed: hasOther }
  const { runtime, isThere } = chooseGpuBuild(request)
  const hasOnnx = request.engine === 'auto' && request.dtype !== 'q8' && isThere
  const onnx: Rung = { ...onGpu, engine: 'onnx', runtime, dtype: 'fp32', reason: 'webgpu, the next engine' }
  return toLadder(request, probe, onGpu, hasOnnx ? [kernels, onnx] : [kernels])
}

/** Adds fp16 where it was asked for, and WASM where that is a way. */
function toLadder(
  request: LadderRequest,
  probe: DeviceProbe,
  first: Pick<DeviceChoice, 'device' | 'reason'>,
  base: readonly Rung[],
): Ladder {
  if (request.dtype !== 'fp16') {
    return { rungs: withWasm(request, probe, base), warnings: [...warningsOf(first, probe), ...noInt8(request, base)] }
  }
  if (first.device === 'webgpu' && probe.webgpu.hasShaderF16) {
    const halves = base.map((rung): Rung => ({ ...rung, dtype: 'fp16', reason: halfReason(rung) }) as Rung)
    return { rungs: withWasm(request, probe, [...halves, ...base]), warnings: [] }
  }
  const lack = first.device === 'webgpu' ? 'the adapter has no shader-f16' : 'WASM computes in float32'
  const reason = `${first.reason}; dtype fp32, as ${lack}`
  const [head, ...rest] = base as [Rung, ...Rung[]]
  return { rungs: withWasm(request, probe, [{ ...head, reason }, ...rest]), warnings: [noFloat16(reason)] }
}

function halfReason({ reason }: Rung): string {
  return `${reason}; dtype fp16 was asked for`
}

function noInt8({ engine, dtype }: LadderRequest, [first]: readonly Rung[]): EmbedderWarning[] {
  if (engine !== 'auto' || dtype !== 'q8' || first?.engine === 'kernels') return []
  const message =
    'The model runs in fp32 as q8 cannot be had: our kernels are not there, or WebAssembly has no SIMD here'
  return [{ kind: 'device-fallback', message }]
}

function noFloat16(reason: string): EmbedderWarning {
  return { kind: 'device-fallback', message: `The model runs in fp32 as fp16 cannot be had: ${reason}` }
}

/** An adapter that answers wrongly is a machine worth a look, one that is not there is not. */
function warningsOf(first: Pick<DeviceChoice, 'device'>, { webgpu }: DeviceProbe): EmbedderWarning[] {
  if (first.device !== 'wasm' || webgpu.compute !== 'failed') return []
  return [{ kind: 'device-fallback', message: `The model runs on WASM as WebGPU failed: ${webgpu.reason ?? ''}` }]
}

function wasmRungs(request: LadderRequest, probe: DeviceProbe, reason: string): [Rung, ...Rung[]] {
  const onCpu = { device: 'wasm', reason, isFallbackAdapter: false } as const
  const onnx: Rung = { ...onCpu, engine: 'onnx', runtime: 'wasm', dtype: 'fp32' }
  const [build] = kernelBuilds(request.kernels, probe.wasm)
  // float16 is not computed with on the CPU.
  const dtype = request.dtype === 'auto' || request.dtype === 'q8' ? request.dtype : 'fp32'
  if (request.engine === 'kernels') return [{ ...onCpu, engine: 'kernels', runtime: build ?? 'simd', dtype }]
  if (request.engine === 'onnx' || build === undefined) return [onnx]
  const kernels: Rung = { ...onCpu, engine: 'kernels', runtime: build, dtype }
  return request.runtimes.wasm === undefined ? [kernels] : [kernels, { ...onnx, reason: 'wasm, the next engine' }]
}

function withWasm(request: LadderRequest, probe: DeviceProbe, rungs: readonly Rung[]): [Rung, ...Rung[]] {
  const [first, ...rest] = rungs as [Rung, ...Rung[]]
  if (request.device !== 'auto' || first.device === 'wasm') return [first, ...rest]
  const reason = 'wasm, the next device'
  if (request.engine !== 'transformers') return [first, ...rest, ...wasmRungs(request, probe, reason)]
  const last = { device: 'wasm', runtime: 'wasm', reason, isFallbackAdapter: false } as const
  return [first, ...rest, { ...last, engine: 'transformers', dtype: request.dtype }]
}
