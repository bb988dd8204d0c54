import { startHubServer, type HubRequest, type HubServer } from '@nestling/testing/hub'
import { hubModels } from '@nestling/testing/hub-models'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isEmbedderError, type EmbedderError } from '../../wire/embedder-error.js'
import { DownloadProgress, type DownloadTotals } from './download-progress.js'
import { fetchFile } from './fetch-file.js'
import { sendRequest } from './send-request.js'
import { STALL_MS, StallWatch } from './stall-watch.js'

/** A busy machine holds a server up for some tenths of a second. Five of them end within the time of a test. */
const TEST_STALL_MS = 800

let hub: HubServer
beforeAll(async () => {
  hub = await startHubServer(hubModels())
})
afterAll(() => hub.close())

const rangesOf = (fault: string): HubRequest['range'][] =>
  hub.requests
    .filter(({ host, path }) => host === 'storage' && path.startsWith(`/faults/${fault}/`))
    .map(({ range }) => range)

function fetchWeights(repo: string): { bytes: Promise<Uint8Array>; seen: DownloadTotals[] } {
  const seen: DownloadTotals[] = []
  const progress = new DownloadProgress((totals) => seen.push(totals))
  progress.announce(['model.safetensors'])
  const url = `${hub.url}/${repo}/resolve/main/model.safetensors`
  return { bytes: fetchFile({ path: 'model.safetensors', url, stallMs: TEST_STALL_MS }, progress), seen }
}

async function failure(promise: Promise<unknown>): Promise<EmbedderError> {
  const error: unknown = await promise.catch((caught: unknown) => caught)
  if (isEmbedderError(error, 'model-fetch-failed')) return error
  throw new Error('It did not fail with model-fetch-failed', { cause: error })
}

describe('a server that goes silent', () => {
  it('is asked for the rest', async () => {
    const whole = await fetchWeights('tiny/bert').bytes
    const { bytes, seen } = fetchWeights('faults/stalled-once')
    expect(Buffer.compare(await bytes, whole)).toBe(0)
    expect(rangesOf('stalled-once')).toEqual([null, `bytes=${Math.floor(whole.byteLength / 2)}-`])
    expect(seen.at(-1)).toEqual({ loadedBytes: whole.byteLength, totalBytes: whole.byteLength })
  })

  it('is asked for the rest again where it does not answer that', async () => {
    const whole = await fetchWeights('tiny/bert').bytes
    expect(Buffer.compare(await fetchWeights('faults/stalled-twice').bytes, whole)).toBe(0)
    const rest = `bytes=${Math.floor(whole.byteLength / 2)}-`
    expect(rangesOf('stalled-twice')).toEqual([null, rest, rest])
  })

  it('is given up after three silences, which the error tells of', async () => {
    const { message, details } = await failure(fetchWeights('faults/stalled').bytes)
    expect(message).toMatch(
      /^Cannot load model\.safetensors from http:\S+ as the server sent nothing for 0\.8 s after \d+ bytes/,
    )
    expect(details).toMatchObject({ path: 'model.safetensors', stalledMs: TEST_STALL_MS })
    expect(details['loadedBytes']).toBeGreaterThan(0)
    // Each further try asks for the rest first, which this server does not know.
    expect(rangesOf('stalled')).toHaveLength(5)
  })

  it('is given up after three tries where it never answers', async () => {
    const { message, details } = await failure(fetchWeights('faults/silent').bytes)
    expect(message).toMatch(/sent nothing for 0\.8 s: check the connection$/)
    expect(details['stalledMs']).toBe(TEST_STALL_MS)
    expect(rangesOf('silent')).toEqual([null, null, null])
  })

  it('ends a request without a body, too', async () => {
    const url = `${hub.url}/faults/silent/resolve/main/model.safetensors`
    const asking = sendRequest({ path: 'x', url, stallMs: TEST_STALL_MS }, { method: 'HEAD' })
    expect((await failure(asking)).details['stalledMs']).toBe(TEST_STALL_MS)
  })
})

describe('StallWatch', () => {
  it('has half a minute by default', () => {
    const watch = new StallWatch()
    expect([watch.limitMs, STALL_MS]).toEqual([30_000, 30_000])
    watch.stop()
  })

  it('does not count the time in which this thread was busy', async () => {
    const watch = new StallWatch(80)
    const end = performance.now() + 300
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(watch.hasStalled).toBe(false)
    await expect.poll(() => watch.hasStalled).toBe(true)
    watch.stop()
  })
})
