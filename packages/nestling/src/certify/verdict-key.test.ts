import { expect, it, vi } from 'vitest'
import type { GpuKernelRung, KernelRung, OnnxRung } from './device-rungs.js'
import type { DeviceProbe, WebGpuProbe } from '../wire/load-report.js'
import type { RuntimeUrls } from '../wire/protocol.js'
import { verdictKey, type VerdictSubject } from './verdict-key.js'

const WEBGPU = { vendor: 'v', architecture: 'a', device: 'd', description: 'e' } as WebGpuProbe
const urls = (version: string): RuntimeUrls => ({
  engine: 'https://x.test/e.js',
  library: 'https://x.test/l.mjs',
  loader: 'https://x.test/m.mjs',
  wasm: `https://x.test/${version}/w.wasm`,
})
const SUBJECT: VerdictSubject = {
  request: {
    model: { kind: 'url', name: 'm', baseUrl: 'https://x.test/' },
    engine: 'onnx',
    device: 'auto',
    dtype: 'auto',
    runtimes: { jspi: urls('1.30.0') },
    kernels: { simd: 'https://x.test/kernels@1/simd.wasm' },
    runtime: undefined,
    verify: 'auto',
    nestedDims: [2],
    cache: { weights: 'off', onQuota: 'error', embeddings: undefined },
  },
  rung: { engine: 'onnx', device: 'webgpu', runtime: 'jspi', dtype: 'fp32', reason: 'r', isFallbackAdapter: false },
  spaceId: 's',
  probe: { webgpu: WEBGPU } as DeviceProbe,
  reference: 'golden 1',
}

it('verdictKey() differs with all that a verdict depends on, and with nothing else', () => {
  vi.stubGlobal('navigator', { userAgent: 'Browser 1' })
  const { request, rung } = SUBJECT
  const key = verdictKey(SUBJECT)
  const onKernels: KernelRung = { ...rung, device: 'wasm', engine: 'kernels', runtime: 'simd', dtype: 'q8' }
  const onGpuKernels: GpuKernelRung = { ...onKernels, device: 'webgpu', runtime: 'wgsl', dtype: 'q8', isTimed: true }
  const newer = { simd: 'https://x.test/kernels@2/simd.wasm' }
  const subjects: VerdictSubject[] = [
    { ...SUBJECT, probe: { webgpu: { ...WEBGPU, vendor: 'w' } } as DeviceProbe },
    { ...SUBJECT, probe: { webgpu: { ...WEBGPU, description: 'driver 2' } } as DeviceProbe },
    { ...SUBJECT, request: { ...request, runtimes: { jspi: urls('1.31.0') } } },
    { ...SUBJECT, rung: { ...rung, engine: 'transformers' } as OnnxRung },
    { ...SUBJECT, rung: onKernels },
    { ...SUBJECT, rung: { ...onKernels, dtype: 'fp32' } },
    { ...SUBJECT, rung: onKernels, request: { ...request, kernels: newer } },
    {
      ...SUBJECT,
      rung: onKernels,
      request: { ...request, sharedKernels: { simd: 'https://x.test/kernels@1/simd-shared.wasm' } },
      probe: { ...SUBJECT.probe, isCrossOriginIsolated: true },
    },
    { ...SUBJECT, request: { ...request, nestedDims: [2, 1] } },
    { ...SUBJECT, rung: { ...rung, dtype: 'fp16' } as OnnxRung },
    { ...SUBJECT, rung: { ...rung, device: 'wasm' } as OnnxRung },
    { ...SUBJECT, rung: onGpuKernels },
    { ...SUBJECT, rung: { ...onGpuKernels, dtype: 'fp16' } },
    // It was compared with how fast those are.
    { ...SUBJECT, rung: onGpuKernels, request: { ...request, kernels: newer } },
    { ...SUBJECT, rung: { ...rung, runtime: 'asyncify' } as OnnxRung },
    { ...SUBJECT, spaceId: 't' },
    { ...SUBJECT, reference: 'golden 2' },
  ]
  const others = subjects.map(verdictKey)
  vi.stubGlobal('navigator', { userAgent: 'Browser 2' })
  expect(new Set([key, verdictKey(SUBJECT), ...others]).size).toBe(others.length + 2)
  vi.stubGlobal('navigator', { userAgent: 'Browser 1' })
  const elsewhere = { ...request, model: { ...request.model, name: 'n' }, device: 'webgpu' as const }
  expect(verdictKey({ ...SUBJECT, request: elsewhere, rung: { ...rung, reason: 'q' } })).toBe(key)
})
