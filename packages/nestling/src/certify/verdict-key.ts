import type { Rung } from './device-rungs.js'
import { shadersVersion } from '../engine/kernels/webgpu/shaders/version.js'
import { machine } from '../engine/machine.js'
import type { DeviceProbe } from '../wire/load-report.js'
import type { LoadRequest } from '../wire/protocol.js'

/** Raised when a certificate checks more, or thresholds change. */
const FORMAT = 2

/** What a verdict is about. */
export interface VerdictSubject {
  readonly request: LoadRequest
  readonly rung: Rung
  /** Weights, tokenizer and network. */
  readonly spaceId: string
  readonly probe: DeviceProbe
  /** What it was compared with. */
  readonly reference: string
}

/**
 * Names all that a verdict depends on: adapter, browser, runtime, engine, dtype, weights, and what they were compared with.
 *
 * @param subject - What the verdict is about.
 */
export function verdictKey({ request, rung, spaceId, probe, reference }: VerdictSubject): string {
  const { vendor, architecture, device, description } = probe.webgpu
  return JSON.stringify([
    FORMAT,
    rung.device === 'wasm' ? 'cpu' : [vendor, architecture, device, description],
    machine().userAgent,
    versionOf(request, rung, probe),
    rung.runtime,
    rung.engine,
    rung.dtype,
    spaceId,
    reference,
    request.nestedDims ?? [],
  ])
}

/** Their paths hold the version (`runtime/onnxruntime-web@1.30.0/`), or a bundler's hash of the bytes. */
function versionOf(
  { runtimes, kernels, sharedKernels = kernels }: LoadRequest,
  { runtime }: Rung,
  { isCrossOriginIsolated }: DeviceProbe,
): string {
  const ours = isCrossOriginIsolated ? sharedKernels : kernels
  // Whether it is taken depends on how fast those for the CPU are.
  if (runtime === 'wgsl') return [shadersVersion(), ...Object.values(ours).map(pathOf)].join(' ')
  return pathOf(runtime === 'relaxed-simd' || runtime === 'simd' ? ours[runtime] : runtimes[runtime]?.wasm)
}

function pathOf(url: string | undefined): string {
  return url === undefined ? '' : new URL(url).pathname
}
