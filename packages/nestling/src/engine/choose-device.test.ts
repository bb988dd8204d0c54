import { describe, expect, it, vi, afterEach } from 'vitest'
import { isEmbedderError } from '../wire/embedder-error.js'
import { chooseDevice } from './choose-device.js'
import type { WebGpuSupport } from './webgpu-probe.js'

const URLS = { engine: 'e', library: 'l', loader: 'm', wasm: 'w' }
const ALL = { wasm: URLS, jspi: URLS, asyncify: URLS }
const HARDWARE: WebGpuSupport = { available: true, isFallback: false }
const SOFTWARE: WebGpuSupport = { available: true, isFallback: true }
const NONE: WebGpuSupport = { available: false, reason: 'WebGPU found no adapter' }

afterEach(() => {
  vi.unstubAllGlobals()
})

function withJspi(isThere: boolean): void {
  vi.stubGlobal('WebAssembly', isThere ? { Suspending: Function } : {})
}

describe('chooseDevice()', () => {
  it('takes WebGPU for auto where a hardware adapter is, with the build that this browser can run', () => {
    withJspi(true)
    expect(chooseDevice({ device: 'auto', runtime: undefined, runtimes: ALL }, HARDWARE)).toMatchObject({
      device: 'webgpu',
      runtime: 'jspi',
    })
    withJspi(false)
    expect(chooseDevice({ device: 'auto', runtime: undefined, runtimes: ALL }, HARDWARE).runtime).toBe('asyncify')
  })

  it.each([
    ['there is no adapter', NONE, ALL, /found no adapter/],
    ['the adapter computes on the CPU', SOFTWARE, ALL, /computes on the CPU/],
    ['the build that is needed has no URL', HARDWARE, { wasm: URLS }, /asyncify .* has no URL/],
  ])('takes WASM for auto where %s, and says so', (_, support, runtimes, reason) => {
    withJspi(false)
    const choice = chooseDevice({ device: 'auto', runtime: undefined, runtimes }, support)
    expect(choice).toMatchObject({ device: 'wasm', runtime: 'wasm' })
    expect(choice.reason).toMatch(reason)
  })

  it('takes a software adapter where WebGPU was asked for', () => {
    withJspi(true)
    const choice = chooseDevice({ device: 'webgpu', runtime: undefined, runtimes: ALL }, SOFTWARE)
    expect(choice).toMatchObject({ device: 'webgpu', isFallbackAdapter: true })
  })

  it('refuses WebGPU where it was asked for and is not there', () => {
    const choose = (): unknown => chooseDevice({ device: 'webgpu', runtime: undefined, runtimes: ALL }, NONE)
    expect(choose).toThrow(/found no adapter/)
    try {
      choose()
    } catch (error) {
      expect(isEmbedderError(error, 'webgpu-unavailable')).toBe(true)
    }
  })

  it('takes WASM where it was asked for', () => {
    expect(chooseDevice({ device: 'wasm', runtime: 'jspi', runtimes: ALL }, HARDWARE).runtime).toBe('wasm')
  })
})
