import { startHubServer, type HubRequest, type HubServer } from '@nestling/testing/hub'
import { HUB_TOKEN, hubModels } from '@nestling/testing/hub-models'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { isEmbedderError, type EmbedderError } from '../../wire/embedder-error.js'
import { DownloadProgress, type DownloadTotals } from '../download/download-progress.js'
import { ModelFolder } from '../model-folder.js'
import { readModel, type Model } from '../read-model.js'

let hub: HubServer
beforeAll(async () => {
  hub = await startHubServer(hubModels())
})
afterAll(() => hub.close())
afterEach(() => {
  vi.restoreAllMocks()
})

interface Options {
  readonly revision?: string
  readonly token?: string
}

function read(
  id: string,
  { revision = 'main', token }: Options = {},
): { model: Promise<Model>; seen: DownloadTotals[] } {
  const seen: DownloadTotals[] = []
  const progress = new DownloadProgress((totals) => seen.push(totals))
  const folder = new ModelFolder({ kind: 'hub', name: id, endpoint: hub.url, revision, token }, progress)
  return { model: readModel(folder), seen }
}

/** The error, which must come in seconds and hold no token, not even in a cause. */
async function failure(id: string, options: Options = {}): Promise<EmbedderError> {
  const started = performance.now()
  const error: unknown = await read(id, options).model.catch((caught: unknown) => caught)
  expect(performance.now() - started).toBeLessThan(10_000)
  if (!isEmbedderError(error)) throw new Error('It did not fail with a typed error', { cause: error })
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const text = `${cause.message} ${cause.stack ?? ''} ${JSON.stringify(cause)}`
    expect(text).not.toContain(HUB_TOKEN)
    expect(text).not.toContain('signature')
  }
  return error
}

const requestsOf = (id: string): HubRequest[] => hub.requests.filter(({ path }) => path.startsWith(`/${id}/`))
const weightsOf = (id: string): HubRequest[] =>
  requestsOf(id).filter(({ host, path }) => host === 'storage' && path.endsWith('.safetensors'))

describe('a hub id', () => {
  it('asks for the files that are needed, each once', async () => {
    const { spec } = await read('tiny/bert').model
    expect(spec.dim).toBe(32)
    const files = requestsOf('tiny/bert').map(({ host, path }) => `${host} ${path.replace('/tiny/bert/', '')}`)
    expect(files.sort()).toEqual([
      'hub resolve/main/1_Pooling/config.json',
      'hub resolve/main/added_tokens.json',
      'hub resolve/main/config.json',
      'hub resolve/main/config_sentence_transformers.json',
      'hub resolve/main/model.safetensors',
      'hub resolve/main/modules.json',
      'hub resolve/main/sentence_bert_config.json',
      'hub resolve/main/special_tokens_map.json',
      'hub resolve/main/tokenizer.json',
      'hub resolve/main/tokenizer_config.json',
      'storage model.safetensors',
    ])
  })

  it('takes a revision with a slash', async () => {
    expect((await failure('tiny/branch')).code).toBe('model-not-found')
    expect((await read('tiny/branch', { revision: 'refs/pr/1' }).model).spec.dim).toBe(32)
  })

  it('says what to do where only a pickle is there', async () => {
    const error = await failure('tiny/pickle')
    expect(error).toMatchObject({ code: 'weights-missing', details: { found: 'pytorch_model.bin' } })
    expect(error.message).toMatch(/tiny\/pickle has its weights in pytorch_model\.bin alone\n.*safe_serialization=True/)
    expect(requestsOf('tiny/pickle').filter(({ path }) => path.endsWith('.bin'))).toEqual([
      expect.objectContaining({ method: 'HEAD' }),
    ])
  })

  it.each<[string, string, RegExp]>([
    ['faults/401', 'model-unauthorized', /status 401\nCheck the id .* token/],
    ['faults/403', 'model-unauthorized', /status 403\nCheck the id/],
    [
      'faults/404',
      'model-not-found',
      /status 404\nCheck the id .* did you mean '\.\/faults\/404', a path of your own site\?$/,
    ],
    ['faults/429-seconds', 'model-rate-limited', /status 429$/],
    ['faults/429-date', 'model-rate-limited', /status 429$/],
    ['faults/500', 'model-fetch-failed', /status 500$/],
    ['faults/html', 'model-not-found', /HTML page/],
    ['faults/self', 'model-fetch-failed', /the request failed.*\n.* did you mean '\.\/faults\/self'/],
    ['faults/short', 'model-invalid', /model\.safetensors .* not a valid safetensors file/],
    ['faults/broken', 'model-fetch-failed', /model\.safetensors .* broke after \d+ bytes/],
    ['tiny/none', 'model-unauthorized', /status 401/],
    ['tiny/private', 'model-unauthorized', /status 401/],
  ])('fails with a typed error: %s', async (id, code, message) => {
    const error = await failure(id, id === 'tiny/private' ? { token: 'hf_wrong' } : {})
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  it('says how long to wait, and does not ask again', async () => {
    expect((await failure('faults/429-seconds')).details['retryAfterMs']).toBe(7000)
    const wait = (await failure('faults/429-date')).details['retryAfterMs']
    expect(wait).toBeGreaterThan(50_000)
    expect(wait).toBeLessThanOrEqual(60_000)
    for (const { path } of requestsOf('faults/429-seconds')) expect(path).toMatch(/modules\.json$/)
  })

  it.each(['gzip', 'gzip-length', 'no-length'])('counts the bytes of an answer with %s', async (fault) => {
    const { model, seen } = read(`faults/${fault}`)
    await model
    expect(seen.at(-1)?.loadedBytes).toBe(seen.at(-1)?.totalBytes)
  })
})

describe('tries', () => {
  it('tries a server error twice again', async () => {
    expect((await read('faults/500-twice').model).spec.dim).toBe(32)
    const before = requestsOf('faults/500').length
    await failure('faults/500')
    expect(requestsOf('faults/500').slice(before)).toHaveLength(3)
  })

  it.each(['401', '403'])('does not try %s again', async (status) => {
    const before = requestsOf(`faults/${status}`).length
    await failure(`faults/${status}`)
    expect(requestsOf(`faults/${status}`).slice(before)).toHaveLength(1)
  })

  it.each([
    ['goes on from the byte where a connection broke', 'broken-once', [null, 'bytes=142756-']],
    ['starts again where the file has changed', 'changed', [null, 'bytes=142756-', null]],
    ['starts again where the server has no ranges', 'no-ranges', [null, null]],
  ])('%s', async (_, fault, ranges) => {
    const whole = read('tiny/bert')
    const { spaceId } = await whole.model
    const { model, seen } = read(`faults/${fault}`)
    // The id holds a digest of the weights.
    expect((await model).spaceId).toBe(spaceId)
    expect(weightsOf(`faults/${fault}`).map(({ range }) => range)).toEqual(ranges)
    expect(seen.at(-1)).toEqual(whole.seen.at(-1))
  })

  it('gives up after the third break', async () => {
    const before = weightsOf('faults/broken').length
    const error = await failure('faults/broken')
    expect(error.details['loadedBytes']).toBeGreaterThan(0)
    // Each further try asks for the rest first, which this server does not know.
    expect(weightsOf('faults/broken').slice(before)).toHaveLength(5)
  })
})

describe('a token', () => {
  const authorized = (): HubRequest[] => hub.requests.filter(({ authorization }) => authorization !== null)

  it('goes to the hub and not to where it redirects', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(true)
    const before = authorized().length
    expect((await read('tiny/private', { token: HUB_TOKEN }).model).spec.dim).toBe(32)
    const sent = authorized().slice(before)
    expect(sent).toHaveLength(10)
    expect(sent.every(({ host, authorization }) => host === 'hub' && authorization === `Bearer ${HUB_TOKEN}`)).toBe(
      true,
    )
    expect(weightsOf('tiny/private')).toHaveLength(1)
  })

  it('follows no redirect where the browser would take it along', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
    const before = weightsOf('tiny/private').length
    const error = await failure('tiny/private', { token: HUB_TOKEN })
    expect(error.code).toBe('environment-unsupported')
    expect(error.message).toMatch(/would give the token to the other server\nUpdate the browser/)
    expect(weightsOf('tiny/private')).toHaveLength(before)
  })

  it.each(['401', '403', '404', '429-seconds', '500', 'html', 'self', 'short', 'broken'])(
    'is in no error: %s',
    async (fault) => {
      vi.spyOn(WebAssembly, 'validate').mockReturnValue(true)
      await failure(`faults/${fault}`, { token: HUB_TOKEN })
      expect(requestsOf(`faults/${fault}`).some(({ authorization }) => authorization !== null)).toBe(true)
    },
  )
})
