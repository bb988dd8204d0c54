import type { DeviceProbe } from '../wire/load-report.js'
import type { Dtype, KernelBuild, LoadRequest } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import { chooseDevice, type DeviceChoice } from '../engine/choose-device.js'
import { toWebGpuSupport } from '../engine/device-probe.js'
import { kernelBuilds, needsKernels } from '../engine/kernels/choose-kernels.js'
import type { KernelDtype } from '../engine/kernels/packed-weights.js'

/** A way to run a model in onnxruntime-web. */
export interface OnnxRung extends DeviceChoice {
  readonly engine: 'onnx' | 'transformers'
  readonly dtype: Dtype | 'auto'
}

/** A way to run a model on our kernels. */
export interface KernelRung extends Omit<DeviceChoice, 'runtime'> {
  readonly engine: 'kernels'
  readonly runtime: KernelBuild
  readonly dtype: KernelDtype | 'auto'
}

/** One way to run a model. */
export type Rung = OnnxRung | KernelRung

/** The ways to run a model, the best first. */
export interface Ladder {
  readonly rungs: readonly [Rung, ...Rung[]]
  /** What the best way lacks of what was asked for. */
  readonly warnings: readonly EmbedderWarning[]
}

/** What choosing depends on. */
export type LadderRequest = Pick<LoadRequest, 'device' | 'dtype' | 'engine' | 'runtime' | 'runtimes' | 'kernels'>

/**
 * Lists the ways to run a model: WebGPU in fp16 where that was asked for and the adapter can, in fp32, then WASM: on our kernels, then
 * on onnxruntime. A device or an engine that was asked for by name is never left, and fp16 never tried unasked.
 *
 * @param request - What was asked for.
 * @param probe - What is here.
 * @returns At least one way.
 * @throws {EmbedderError} `webgpu-unavailable` if WebGPU is asked for and cannot be had.
 */
export function ladderOf(request: LadderRequest, probe: DeviceProbe): Ladder {
  if (needsKernels(request)) return kernelsLadder(request, probe)
  const first = chooseDevice(request, toWebGpuSupport(probe))
  // ONNX files have the dtype that they have; a rung of another dtype would be another download.
  if (request.engine === 'transformers') {
    const rung: Rung = { ...first, engine: 'transformers', dtype: request.dtype }
    return { rungs: withWasm(request, probe, [rung]), warnings: warningsOf(first, probe) }
  }
  const gpu: OnnxRung = { ...first, engine: 'onnx', dtype: 'fp32' }
  const base = first.device === 'webgpu' ? [gpu] : wasmRungs(request, probe, first.reason)
  if (request.dtype !== 'fp16') return { rungs: withWasm(request, probe, base), warnings: warningsOf(first, probe) }
  if (first.device === 'webgpu' && probe.webgpu.hasShaderF16) {
    const half: Rung = { ...gpu, dtype: 'fp16', reason: `${first.reason}; dtype fp16 was asked for` }
    return { rungs: withWasm(request, probe, [half, gpu]), warnings: [] }
  }
  const lack = first.device === 'webgpu' ? 'the adapter has no shader-f16' : 'WASM computes in float32'
  const reason = `${first.reason}; dtype fp32, as ${lack}`
  const [head, ...rest] = base as [Rung, ...Rung[]]
  return { rungs: withWasm(request, probe, [{ ...head, reason }, ...rest]), warnings: [noFloat16(reason)] }
}

function noFloat16(reason: string): EmbedderWarning {
  return { kind: 'device-fallback', message: `The model runs in fp32 as fp16 cannot be had: ${reason}` }
}

/** An adapter that answers wrongly is a machine worth a look, one that is not there is not. */
function warningsOf(first: DeviceChoice, { webgpu }: DeviceProbe): EmbedderWarning[] {
  if (first.device !== 'wasm' || webgpu.compute !== 'failed') return []
  return [{ kind: 'device-fallback', message: `The model runs on WASM as WebGPU failed: ${webgpu.reason ?? ''}` }]
}

/** Where kernels were asked for, by name or by a dtype that nothing else has. */
function kernelsLadder(request: LadderRequest, probe: DeviceProbe): Ladder {
  const why = request.engine === 'kernels' ? 'engine kernels' : 'dtype q8'
  const rungs = wasmRungs(request, probe, `wasm, as ${why} was asked for`)
  if (rungs[0].engine === 'kernels') return { rungs, warnings: [] }
  const message =
    'The model runs in fp32 as q8 cannot be had: our kernels are not there, or WebAssembly has no SIMD here'
  return { rungs, warnings: [{ kind: 'device-fallback', message }] }
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
