import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DeviceProbe, WebGpuProbe } from '../wire/load-report.js'
import { ladderOf, type LadderRequest } from './device-rungs.js'

const URLS = { engine: 'e', library: 'l', loader: 'm', wasm: 'w' }
const REQUEST: LadderRequest = {
  device: 'auto',
  dtype: 'auto',
  engine: 'onnx',
  runtime: undefined,
  runtimes: { wasm: URLS, jspi: URLS, asyncify: URLS },
  kernels: { 'relaxed-simd': 'r', simd: 's' },
}
const HARDWARE: WebGpuProbe = {
  isAvailable: true,
  reason: undefined,
  isFallbackAdapter: false,
  hasShaderF16: true,
  vendor: 'v',
  architecture: 'a',
  device: '',
  description: '',
  limits: { maxBufferSize: 1, maxStorageBufferBindingSize: 1 },
  compute: 'passed',
}

function probe(webgpu: Partial<WebGpuProbe> = {}, wasm: Partial<DeviceProbe['wasm']> = {}): DeviceProbe {
  return {
    webgpu: { ...HARDWARE, ...webgpu },
    wasm: { hasSimd: true, hasRelaxedSimd: true, hasJspi: true, ...wasm },
    hardwareConcurrency: 4,
    isCrossOriginIsolated: false,
    memoryTier: 'high',
  }
}

function rungs(request: Partial<LadderRequest>, found = probe()): string[] {
  return ladderOf({ ...REQUEST, ...request }, found).rungs.map(({ device, dtype }) => `${device} ${dtype}`)
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('ladderOf()', () => {
  it('goes from WebGPU to WASM in fp32, and through fp16 only where it was asked for', () => {
    expect(rungs({})).toEqual(['webgpu fp32', 'wasm fp32'])
    expect(rungs({ dtype: 'fp32' })).toEqual(['webgpu fp32', 'wasm fp32'])
    expect(rungs({ dtype: 'fp16' })).toEqual(['webgpu fp16', 'webgpu fp32', 'wasm fp32'])
  })

  it('never leaves a device that was asked for', () => {
    expect(rungs({ device: 'webgpu' })).toEqual(['webgpu fp32'])
    expect(rungs({ device: 'webgpu', dtype: 'fp16' })).toEqual(['webgpu fp16', 'webgpu fp32'])
    expect(rungs({ device: 'wasm' })).toEqual(['wasm fp32'])
  })

  it('never takes a fallback adapter by itself', () => {
    expect(rungs({}, probe({ isFallbackAdapter: true }))).toEqual(['wasm fp32'])
  })

  it.each([
    ['an adapter without shader-f16', probe({ hasShaderF16: false }), ['webgpu fp32', 'wasm fp32'], /no shader-f16/],
    ['no adapter', probe({ isAvailable: false, reason: 'none' }), ['wasm fp32'], /WASM computes in float32/],
  ])('steps from fp16 to fp32 with %s, and warns', (_, found, expected, message) => {
    const ladder = ladderOf({ ...REQUEST, dtype: 'fp16' }, found)
    expect(ladder.rungs.map(({ device, dtype }) => `${device} ${dtype}`)).toEqual(expected)
    expect(ladder.rungs[0].reason).toMatch(message)
    expect(ladder.warnings).toEqual([{ kind: 'device-fallback', message: expect.stringMatching(message) as unknown }])
  })

  it('warns of an adapter that computes wrongly', () => {
    const found = probe({ isAvailable: false, reason: 'the adapter computes wrongly', compute: 'failed' })
    const { rungs: all, warnings } = ladderOf(REQUEST, found)
    expect(all.map(({ device }) => device)).toEqual(['wasm'])
    expect(all[0].reason).toBe('wasm, as the adapter computes wrongly')
    expect(warnings[0]?.message).toMatch(/computes wrongly/)
    expect(() => ladderOf({ ...REQUEST, device: 'webgpu' }, found)).toThrow(/computes wrongly/)
  })

  it('keeps the dtype of ONNX files', () => {
    expect(rungs({ engine: 'transformers' })).toEqual(['webgpu auto', 'wasm auto'])
    expect(rungs({ engine: 'transformers', dtype: 'fp16' })).toEqual(['webgpu fp16', 'wasm fp16'])
  })

  describe('with kernels', () => {
    const ways = (request: Partial<LadderRequest>, found = probe()): string[] =>
      ladderOf({ ...REQUEST, engine: 'auto', ...request }, found).rungs.map(
        ({ engine, runtime, dtype }) => `${engine} ${runtime} ${dtype}`,
      )
    const noGpu = { isAvailable: false, reason: 'none' }
    const onnx = 'onnx wasm fp32'

    it('takes them before onnxruntime, on WebGPU before WASM', () => {
      expect(ways({ device: 'wasm' })).toEqual(['kernels relaxed-simd auto', onnx])
      expect(ways({}, probe(noGpu))).toEqual(['kernels relaxed-simd auto', onnx])
      expect(ways({ dtype: 'fp32' }, probe(noGpu))).toEqual(['kernels relaxed-simd fp32', onnx])
      expect(ways({ runtimes: {} })).toEqual(['kernels wgsl auto', 'kernels relaxed-simd auto'])
      vi.stubGlobal('WebAssembly', { Suspending: Function })
      expect(ways({})).toEqual(['kernels wgsl auto', 'onnx jspi fp32', 'kernels relaxed-simd auto', onnx])
      expect(ways({ device: 'webgpu' })).toEqual(['kernels wgsl auto', 'onnx jspi fp32'])
    })

    it('takes them on WebGPU only where they are faster, unless the device was asked for', () => {
      const isTimed = (request: Partial<LadderRequest>): unknown =>
        ladderOf({ ...REQUEST, engine: 'auto', ...request }, probe()).rungs[0]
      expect(isTimed({})).toMatchObject({ runtime: 'wgsl', isTimed: true })
      expect(isTimed({ kernels: {} })).toMatchObject({ runtime: 'wgsl', isTimed: false })
      expect(isTimed({ device: 'webgpu' })).toMatchObject({ runtime: 'wgsl', isTimed: false })
    })

    it('never takes a fallback adapter by itself', () => {
      expect(ways({}, probe({ isFallbackAdapter: true }))).toEqual(['kernels relaxed-simd auto', onnx])
      expect(ways({ device: 'webgpu', runtimes: {} }, probe({ isFallbackAdapter: true }))).toEqual([
        'kernels wgsl auto',
      ])
    })

    it.each([
      ['the other build without relaxed SIMD', { hasRelaxedSimd: false }, ['kernels simd auto', onnx]],
      ['onnxruntime without SIMD', { hasRelaxedSimd: false, hasSimd: false }, [onnx]],
    ])('takes %s', (_, wasm, expected) => {
      expect(ways({ device: 'wasm' }, probe({}, wasm))).toEqual(expected)
    })

    it('never leaves the engine that was asked for', () => {
      expect(ways({ engine: 'kernels' })).toEqual(['kernels wgsl auto', 'kernels relaxed-simd auto'])
      expect(ways({ engine: 'kernels', device: 'webgpu' })).toEqual(['kernels wgsl auto'])
      expect(ways({ engine: 'kernels', device: 'wasm', dtype: 'fp32' })).toEqual(['kernels relaxed-simd fp32'])
      expect(ways({ engine: 'onnx', device: 'wasm' })).toEqual([onnx])
    })

    it('takes no other for q8 on WebGPU, and says so where they cannot be had', () => {
      expect(ways({ dtype: 'q8' })).toEqual(['kernels wgsl q8', 'kernels relaxed-simd q8', onnx])
      const request = { ...REQUEST, engine: 'auto', dtype: 'q8', kernels: {} } as const
      const { rungs: left, warnings } = ladderOf(request, probe(noGpu))
      expect(left.map(({ engine }) => engine)).toEqual(['onnx'])
      expect(warnings[0]?.message).toMatch(/q8 cannot be had/)
    })

    it('takes them in fp16 where the adapter can, and in fp32 behind that', () => {
      expect(ways({ dtype: 'fp16', device: 'webgpu', runtimes: {} })).toEqual([
        'kernels wgsl fp16',
        'kernels wgsl fp32',
      ])
      const found = probe({ hasShaderF16: false })
      expect(ways({ dtype: 'fp16', device: 'webgpu', runtimes: {} }, found)).toEqual(['kernels wgsl fp32'])
    })

    it('takes them in float32 for fp16, which the CPU does not compute with', () => {
      const ladder = ladderOf({ ...REQUEST, engine: 'auto', dtype: 'fp16' }, probe(noGpu))
      expect(ladder.rungs.map(({ engine, dtype }) => `${engine} ${dtype}`)).toEqual(['kernels fp32', 'onnx fp32'])
      expect(ladder.warnings).toHaveLength(1)
    })
  })
})
