import { describe, expect, it } from 'vitest'
import { checkCompute } from './compute-check.js'

/** An adapter whose device is made in another way; what a real one computes, certificate.browser.test.ts sees. */
const adapterWith = (requestDevice: () => Promise<unknown>): GPUAdapter => ({ requestDevice }) as unknown as GPUAdapter

describe('checkCompute()', () => {
  it('gives an adapter up that never answers, and the device that comes too late', async () => {
    let isDestroyed = false
    const device = { destroy: () => (isDestroyed = true) }
    const late = new Promise((resolve) => setTimeout(resolve, 60, device))
    expect(
      await checkCompute(
        adapterWith(() => late),
        20,
      ),
    ).toBe('the adapter did not answer a small computation within 20 ms')
    await late
    await expect.poll(() => isDestroyed).toBe(true)
  })

  it('says why an adapter gives no device', async () => {
    const adapter = adapterWith(() => Promise.reject(new Error('the adapter is lost')))
    expect(await checkCompute(adapter)).toBe('the adapter fails at a small computation: the adapter is lost')
  })
})
