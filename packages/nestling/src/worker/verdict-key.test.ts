import { expect, it, vi } from 'vitest'
import type { DeviceProbe, WebGpuProbe } from '../wire/load-report.js'
import { verdictKey, type VerdictSubject } from './verdict-key.js'

const WEBGPU = { vendor: 'v', architecture: 'a', device: 'd', description: 'e' } as WebGpuProbe
const urls = (version: string): { library: string; loader: string; wasm: string } => ({
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
    runtime: undefined,
    verify: 'auto',
    nestedDims: [2],
    cache: { weights: 'off', onQuota: 'error', embeddings: undefined },
  },
  rung: { device: 'webgpu', runtime: 'jspi', dtype: 'fp32', reason: 'r', isFallbackAdapter: false },
  spaceId: 's',
  probe: { webgpu: WEBGPU } as DeviceProbe,
  reference: 'golden 1',
}

it('verdictKey() differs with all that a verdict depends on, and with nothing else', () => {
  vi.stubGlobal('navigator', { userAgent: 'Browser 1' })
  const { request, rung } = SUBJECT
  const key = verdictKey(SUBJECT)
  const others = [
    { ...SUBJECT, probe: { webgpu: { ...WEBGPU, vendor: 'w' } } as DeviceProbe },
    { ...SUBJECT, probe: { webgpu: { ...WEBGPU, description: 'driver 2' } } as DeviceProbe },
    { ...SUBJECT, request: { ...request, runtimes: { jspi: urls('1.31.0') } } },
    { ...SUBJECT, request: { ...request, engine: 'transformers' as const } },
    { ...SUBJECT, request: { ...request, nestedDims: [2, 1] } },
    { ...SUBJECT, rung: { ...rung, dtype: 'fp16' as const } },
    { ...SUBJECT, rung: { ...rung, device: 'wasm' as const } },
    { ...SUBJECT, rung: { ...rung, runtime: 'asyncify' as const } },
    { ...SUBJECT, spaceId: 't' },
    { ...SUBJECT, reference: 'golden 2' },
  ].map(verdictKey)
  vi.stubGlobal('navigator', { userAgent: 'Browser 2' })
  expect(new Set([key, verdictKey(SUBJECT), ...others]).size).toBe(others.length + 2)
  vi.stubGlobal('navigator', { userAgent: 'Browser 1' })
  const elsewhere = { ...request, model: { ...request.model, name: 'n' }, device: 'webgpu' as const }
  expect(verdictKey({ ...SUBJECT, request: elsewhere, rung: { ...rung, reason: 'q' } })).toBe(key)
})
