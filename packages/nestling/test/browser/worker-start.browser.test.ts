import { withInternal } from '@nestling/testing/internal-options'
import { EmbedderError, load, type LoadOptions } from 'nestling'
import { afterEach, describe, expect, it } from 'vitest'

const MODEL = '/fixtures/bert-mean-normalize'
const SEARCH_WORKER = new URL('../../../search/dist/search-worker.js', import.meta.url).href
/** Silence is borne for a second: a test that waits for 20 s shows no more. */
const SHORT = withInternal<LoadOptions>({ device: 'wasm' }, { limits: { helloMs: 1000 } })

const urls: string[] = []
afterEach(() => {
  for (const url of urls.splice(0)) URL.revokeObjectURL(url)
})

function scriptUrl(text: string): string {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  urls.push(url)
  return url
}

async function failureOf(options: LoadOptions): Promise<EmbedderError> {
  const error: unknown = await load(MODEL, { ...SHORT, ...options }).then(
    () => 'it loaded',
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(EmbedderError)
  const { message } = error as EmbedderError
  expect(message).not.toContain('undefined')
  expect(message.split('\n')).toHaveLength(2)
  return error as EmbedderError
}

/** A worker that says so for as long as it lives, on a channel, and nothing to the page. */
function aliveScript(channel: string): string {
  return `const channel = new BroadcastChannel('${channel}'); setInterval(() => channel.postMessage('alive'), 50)`
}

/** Whether a worker of {@link aliveScript} lives. */
function isAlive(channel: string): Promise<boolean> {
  const listening = new BroadcastChannel(channel)
  return new Promise<boolean>((resolve) => {
    listening.onmessage = () => {
      resolve(true)
    }
    setTimeout(resolve, 2000, false)
  }).finally(() => {
    listening.close()
  })
}

describe('a worker whose script does not run', () => {
  it.each<[string, string, string, string]>([
    ['is not there', '/fixtures/nothing.js', 'missing', 'the server answers 404'],
    ['is JSON', `${MODEL}/config.json`, 'no-javascript', 'application/json'],
    ['is bytes', `${MODEL}/model.safetensors`, 'no-javascript', 'application/octet-stream'],
    ['is of a server that is not there', 'http://127.0.0.1:9/worker.js', 'other-origin', 'of another origin'],
  ])('%s: the error says so, with its URL', async (_, workerUrl, reason, words) => {
    const { code, message, details } = await failureOf({ workerUrl })
    const url = new URL(workerUrl, location.href).href
    expect(code).toBe(reason === 'other-origin' ? 'environment-unsupported' : 'worker-crashed')
    expect(details).toMatchObject({ reason, url })
    expect(message).toContain(words)
    expect(message).toContain(url)
  })

  it('names what it found below assetBaseUrl too', async () => {
    const { details, message } = await failureOf({ assetBaseUrl: '/fixtures/' })
    expect(details).toMatchObject({ reason: 'missing', url: `${location.origin}/fixtures/worker.js`, status: 404 })
    expect(message).toContain('assetBaseUrl or workerUrl')
  })

  it.each([
    ['throws', 'throw new Error("from the start")', 'threw', 'from the start'],
    ['is no program', 'const = 1', 'not-run', 'an error of syntax'],
    [
      'imports what is not there',
      `import '${location.origin}/fixtures/nothing.js'`,
      'not-run',
      'an import that is not there',
    ],
  ])('%s: the error says so', async (_, text, reason, words) => {
    const workerUrl = scriptUrl(text)
    const { code, message, details } = await failureOf({ workerUrl })
    expect(code).toBe('worker-crashed')
    expect(details).toMatchObject({ reason, url: workerUrl })
    expect(message).toContain(words)
  })

  it('says that it does not know the URL of a worker that the caller started', async () => {
    const worker = (): Worker => new Worker('/fixtures/nothing.js', { type: 'module' })
    const { code, message, details } = await failureOf({ worker })
    expect(code).toBe('worker-crashed')
    expect(details).toMatchObject({ reason: 'unknown', url: null })
    expect(message).toContain('known to the caller alone')
  })
})

describe('a worker that runs another script', () => {
  it('that is silent is ended after a limit, and the error says so', async () => {
    const channel = crypto.randomUUID()
    const workerUrl = scriptUrl(aliveScript(channel))
    const failure = failureOf({ workerUrl })
    expect(await isAlive(channel)).toBe(true)
    const { code, details } = await failure
    expect(code).toBe('worker-unresponsive')
    expect(details).toMatchObject({ reason: 'silent', url: workerUrl })
    // Browsers let a worker run on for a moment when it is ended.
    await expect.poll(() => isAlive(channel)).toBe(false)
  })

  it.each<[string, (url: string) => Worker | (() => Worker)]>([
    ['a single worker', (url) => new Worker(url, { type: 'module' })],
    ['a function', (url) => () => new Worker(url)],
  ])('is ended where the caller gave %s', async (_, make) => {
    const channel = crypto.randomUUID()
    const { code, details } = await failureOf({ worker: make(scriptUrl(aliveScript(channel))) })
    expect(code).toBe('worker-unresponsive')
    expect(details).toMatchObject({ reason: 'silent', url: null })
    // Browsers let a worker run on for a moment when it is ended.
    await expect.poll(() => isAlive(channel)).toBe(false)
  })

  it('that answers in its own words is known at once', async () => {
    // As Comlink refuses a method that an application's own worker lacks.
    const text = `onmessage = ({ data: { id } }) => postMessage({ id, type: 'HANDLER', name: 'throw', value: { isError: true, value: { message: 'no' } } })`
    const { code, details } = await failureOf(withInternal({ workerUrl: scriptUrl(text) }, {}))
    expect(code).toBe('environment-unsupported')
    expect(details).toMatchObject({ reason: 'other-script' })
  })

  it('of @nestling/search is called by its name', async () => {
    const { code, message, details } = await failureOf({ workerUrl: SEARCH_WORKER })
    expect(code).toBe('environment-unsupported')
    expect(details).toMatchObject({ reason: 'other-script', url: SEARCH_WORKER })
    expect(message).toMatch(/the worker of @nestling\/search@\d+\.\d+\.\d+ in the place of nestling@\d+\.\d+\.\d+/)
  })

  it('of another version of nestling is refused, with both versions', async () => {
    const text = await (await fetch('/nestling-dist/worker.js')).text()
    const [own = ''] = /nestling@\d+\.\d+\.\d+/.exec(text) ?? []
    const workerUrl = scriptUrl(text.replace(own, 'nestling@99.1.2'))
    const { code, message, details } = await failureOf({ workerUrl })
    expect(code).toBe('environment-unsupported')
    expect(details).toMatchObject({ reason: 'other-version' })
    expect(message).toContain(`nestling@99.1.2, and the page has ${own}`)
    expect(message).toContain('copy-assets')
  })
})

it('a silent worker holds up no abort', async () => {
  const channel = crypto.randomUUID()
  const controller = new AbortController()
  const loading = load(MODEL, { workerUrl: scriptUrl(aliveScript(channel)), signal: controller.signal })
  expect(await isAlive(channel)).toBe(true)
  controller.abort('enough')
  await expect(loading).rejects.toBe('enough')
  expect(await isAlive(channel)).toBe(false)
})
