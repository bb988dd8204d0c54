import type { DeviceProbe } from '../wire/load-report.js'
import type { Dtype, LoadRequest } from '../wire/protocol.js'
import type { EmbedderWarning } from '../wire/warning.js'
import { chooseDevice, type DeviceChoice } from './choose-device.js'
import { toWebGpuSupport } from './device-probe.js'

/** One way to run a model. */
export interface Rung extends DeviceChoice {
  readonly dtype: Dtype | 'auto'
}

/** The ways to run a model, the best first. */
export interface Ladder {
  readonly rungs: readonly [Rung, ...Rung[]]
  /** What the best way lacks of what was asked for. */
  readonly warnings: readonly EmbedderWarning[]
}

/** What choosing depends on. */
export type LadderRequest = Pick<LoadRequest, 'device' | 'dtype' | 'engine' | 'runtime' | 'runtimes'>

/**
 * Lists the ways to run a model: WebGPU in fp16 where that was asked for and the adapter can, in fp32, then WASM in fp32. A device
 * that was asked for by name is never left, and fp16 never tried unasked.
 *
 * @param request - What was asked for.
 * @param probe - What is here.
 * @returns At least one way.
 * @throws {EmbedderError} `webgpu-unavailable` if WebGPU is asked for and cannot be had.
 */
export function ladderOf(request: LadderRequest, probe: DeviceProbe): Ladder {
  const first = chooseDevice(request, toWebGpuSupport(probe))
  // ONNX files have the dtype that they have; a rung of another dtype would be another download.
  if (request.engine === 'transformers') {
    const { dtype } = request
    return { rungs: withWasm(request, [{ ...first, dtype }], dtype), warnings: warningsOf(first, probe) }
  }
  const base: Rung = { ...first, dtype: 'fp32' }
  if (request.dtype !== 'fp16') return { rungs: withWasm(request, [base], 'fp32'), warnings: warningsOf(first, probe) }
  if (first.device === 'webgpu' && probe.webgpu.hasShaderF16) {
    const half: Rung = { ...first, dtype: 'fp16', reason: `${first.reason}; dtype fp16 was asked for` }
    return { rungs: withWasm(request, [half, base], 'fp32'), warnings: [] }
  }
  const lack = first.device === 'webgpu' ? 'the adapter has no shader-f16' : 'WASM computes in float32'
  const reason = `${first.reason}; dtype fp32, as ${lack}`
  const warning: EmbedderWarning = {
    kind: 'device-fallback',
    message: `The model runs in fp32 as fp16 cannot be had: ${reason}`,
  }
  return { rungs: withWasm(request, [{ ...base, reason }], 'fp32'), warnings: [warning] }
}

/** An adapter that answers wrongly is a machine worth a look, one that is not there is not. */
function warningsOf(first: DeviceChoice, { webgpu }: DeviceProbe): EmbedderWarning[] {
  if (first.device !== 'wasm' || webgpu.compute !== 'failed') return []
  return [{ kind: 'device-fallback', message: `The model runs on WASM as WebGPU failed: ${webgpu.reason ?? ''}` }]
}

function withWasm(request: LadderRequest, rungs: [Rung, ...Rung[]], dtype: Rung['dtype']): [Rung, ...Rung[]] {
  if (request.device !== 'auto' || rungs[0].device === 'wasm') return rungs
  const wasm = chooseDevice({ ...request, device: 'wasm' }, { available: false, reason: '' })
  return [...rungs, { ...wasm, dtype, reason: 'wasm, the next device' }]
}
