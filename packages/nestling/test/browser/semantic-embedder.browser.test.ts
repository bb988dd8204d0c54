import { minilmL6 } from '@nestling/minilm-l6'
import { isEmbedderError, modelCache } from 'nestling'
import {
  defineSemanticEmbedder,
  type SemanticEmbedder,
  type SemanticEmbedderFactory,
  type SemanticEmbedderTaskType,
} from 'nestling/semantic-embedder'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'

const scope = globalThis as { SemanticEmbedder?: Partial<SemanticEmbedderFactory> | undefined }
const TINY = '/fixtures/bert-mean-normalize'
const SPACE = 'tiny'

afterEach(() => {
  delete scope.SemanticEmbedder
})

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0)

/** What a promise rejects with. */
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => error,
  )

/** The first space that a factory serves. */
async function firstSpace(factory: SemanticEmbedderFactory): Promise<string> {
  const { supportedSpaces } = await factory.params()
  return supportedSpaces[0]?.embeddingSpace ?? 'none'
}

/** As WPT's `promise_rejects_dom`. */
function expectDomException(error: unknown, name: string): void {
  expect(error).toBeInstanceOf(DOMException)
  expect((error as DOMException).name).toBe(name)
}

/** As WPT's `testAbortPromise`. */
async function expectAbortable(call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const plain = new AbortController()
  const first = failure(call(plain.signal))
  plain.abort()
  expectDomException(await first, 'AbortError')
  expectDomException(await failure(call(plain.signal)), 'AbortError')
  const reason = new Error('test')
  const own = new AbortController()
  const second = failure(call(own.signal))
  own.abort(reason)
  expect(await second).toBe(reason)
  expect(await failure(call(own.signal))).toBe(reason)
}

describe('defineSemanticEmbedder()', () => {
  it('downloads and embeds as the proposed API does', async () => {
    await modelCache.clear()
    const factory = defineSemanticEmbedder(minilmL6, { device: 'wasm' })
    const embeddingSpace = await firstSpace(factory)
    expect(await factory.availability()).toBe('downloadable')
    expect(await factory.availability({ embeddingSpace })).toBe('downloadable')
    expect(await factory.availability({ embeddingSpace: 'another' })).toBe('unavailable')
    const creating = factory.create({ embeddingSpace })
    await expect.poll(() => factory.availability({ embeddingSpace })).toBe('downloading')
    const embedder = await creating
    expect(await factory.availability({ embeddingSpace })).toBe('available')

    const { embeddings } = await embedder.embed(['It is well.', "That's convenient."])
    const [first, second] = embeddings.map(({ values }) => values) as [Float32Array, Float32Array]
    // Python, float32: .2682; the weights are int8.
    expect(Math.abs(dot(first, second) - 0.2682)).toBeLessThan(0.01)
    expect(first.buffer.byteLength).toBe(384 * 4)
    // [CLS] it is well . [SEP]
    expect(embeddings[0]?.statistics).toEqual({ tokenCount: 6, truncated: false })
    const long = await embedder.embed('word '.repeat(300))
    expect(long.embeddings.map(({ statistics }) => statistics)).toEqual([{ tokenCount: 302, truncated: true }])
    expect(await embedder.embed([])).toEqual({ embeddings: [] })
    embedder.destroy()
  })

  it('uses the prompts of each task', async () => {
    const factory = defineSemanticEmbedder('/fixtures/bert-cls-prompts', { device: 'wasm', embeddingSpace: SPACE })
    const embedder = await factory.create({ embeddingSpace: SPACE })
    const vectorFor = async (text: string, taskType?: SemanticEmbedderTaskType): Promise<Float32Array> => {
      const { embeddings } = await embedder.embed(text, { taskType })
      return embeddings[0]?.values ?? new Float32Array()
    }
    // Its config has a prompt for queries, and an empty one for documents.
    const prompt = 'Represent this sentence for searching relevant passages: '
    expect(dot(await vectorFor('It is well.', 'retrieval-query'), await vectorFor(`${prompt}It is well.`))).toBeCloseTo(
      1,
      4,
    )
    const plain = await vectorFor('It is well.')
    expect(dot(plain, await vectorFor('It is well.', 'retrieval-query'))).toBeLessThan(0.9999)
    for (const taskType of ['semantic-similarity', 'retrieval-document', 'classification', 'clustering'] as const) {
      expect(dot(await vectorFor('It is well.', taskType), plain)).toBeCloseTo(1, 4)
    }
    for (const taskType of ['query', 'retrieval', '', null, 5]) {
      expect(await failure(embedder.embed('a', { taskType: taskType as never }))).toBeInstanceOf(TypeError)
    }
    embedder.destroy()
  })
})

describe('create()', () => {
  const factory = defineSemanticEmbedder(TINY, { device: 'wasm', embeddingSpace: SPACE })

  it('requires an embeddingSpace', async () => {
    const none = [undefined, null, {}, { embeddingSpace: undefined }, { monitor: () => undefined }]
    for (const options of [...none, 5, 'tiny', true]) {
      const error = await failure(factory.create(options as never))
      expect(error, JSON.stringify(options)).toBeInstanceOf(TypeError)
    }
    expect(await failure(factory.create({} as never))).toMatchObject({
      message:
        'Cannot create an embedder as embeddingSpace is required: current value is undefined\nPass one that params() lists',
    })
  })

  it('rejects a space that is not served, and loads nothing for it', async () => {
    let isMonitored = false
    const monitor = (): void => {
      isMonitored = true
    }
    for (const embeddingSpace of ['unsupported-embedding-space', '', 'Tiny', 'tiny ', null, 5]) {
      const error = await failure(factory.create({ embeddingSpace: embeddingSpace as never, monitor }))
      expectDomException(error, 'NotSupportedError')
    }
    expect(isMonitored).toBe(false)
  })

  it('gives an object of its class that names the space everywhere', async () => {
    // Members that it does not know are ignored, as those of a browser's dictionary are.
    const options = { embeddingSpace: SPACE, outputDimensionality: 8 }
    const embedder = await factory.create(options)
    expect(embedder).toBeInstanceOf(factory)
    expect(embedder).not.toBeInstanceOf(defineSemanticEmbedder(TINY))
    expect(embedder.embeddingSpace).toBe(SPACE)
    const { embeddings } = await embedder.embed(['hello', 'world'], null as never)
    expect(embeddings.map(({ embeddingSpace }) => embeddingSpace)).toEqual([SPACE, SPACE])
    expect(await failure(embedder.embed('a', 5 as never))).toBeInstanceOf(TypeError)
    expect(await failure(embedder.embed(5 as never))).toBeInstanceOf(TypeError)
    const construct = factory as unknown as new () => SemanticEmbedder
    expect(() => new construct()).toThrow(TypeError)
    embedder.destroy()
  })

  it('tells its monitor from 0 to 1 in steps of 1 / 65536, and nothing after it', async () => {
    const events: ProgressEvent[] = []
    let isCreated = false
    const monitor = (target: EventTarget): void => {
      target.addEventListener('downloadprogress', (event) => {
        expect(isCreated).toBe(false)
        events.push(event as ProgressEvent)
      })
    }
    const embedder = await factory.create({ embeddingSpace: SPACE, monitor })
    isCreated = true
    await embedder.embed('hello')
    expect(events.length).toBeGreaterThanOrEqual(2)
    expect(events[0]?.loaded).toBe(0)
    expect(events.at(-1)?.loaded).toBe(1)
    for (const [index, { loaded, total, lengthComputable }] of events.entries()) {
      expect({ total, lengthComputable, rest: loaded % (1 / 0x10000) }).toEqual({
        total: 1,
        lengthComputable: true,
        rest: 0,
      })
      expect(loaded).toBeGreaterThan(events[index - 1]?.loaded ?? -1)
    }
    embedder.destroy()
  })

  it('rejects with what its monitor throws', async () => {
    const thrown = new Error('monitor')
    const monitor = (): void => {
      throw thrown
    }
    expect(await failure(factory.create({ embeddingSpace: SPACE, monitor }))).toBe(thrown)
    expect(await failure(factory.create({ embeddingSpace: SPACE, monitor: 5 as never }))).toBeInstanceOf(TypeError)
    expect(await factory.availability()).not.toBe('downloading')
  })

  it('can be aborted, and tells its monitor nothing then', async () => {
    await expectAbortable((signal) => factory.create({ embeddingSpace: SPACE, signal }))
    const controller = new AbortController()
    const reason = new Error('test')
    let eventsAfter = 0
    const monitor = (target: EventTarget): void => {
      target.addEventListener('downloadprogress', () => {
        if (controller.signal.aborted) eventsAfter++
        controller.abort(reason)
      })
    }
    expect(await failure(factory.create({ embeddingSpace: SPACE, monitor, signal: controller.signal }))).toBe(reason)
    expect(eventsAfter).toBe(0)
  })

  it('ends the embedder where its signal is aborted later', async () => {
    const controller = new AbortController()
    const embedder = await factory.create({ embeddingSpace: SPACE, signal: controller.signal })
    const pending = failure(embedder.embed('a'))
    const reason = new Error('later')
    controller.abort(reason)
    expect(await pending).toBe(reason)
    expect(await failure(embedder.embed('a'))).toBe(reason)
  })

  it('rejects with the codes of load where the model cannot be had', async () => {
    const missing = defineSemanticEmbedder('/fixtures/no-such-model', { device: 'wasm' })
    const embeddingSpace = await firstSpace(missing)
    expect(embeddingSpace).toBe(`${location.origin}/fixtures/no-such-model/`)
    expect(isEmbedderError(await failure(missing.create({ embeddingSpace })), 'model-not-found')).toBe(true)
  })
})

describe('embed() and destroy()', () => {
  let embedder: SemanticEmbedder

  beforeAll(async () => {
    embedder = await defineSemanticEmbedder(TINY, { embeddingSpace: SPACE }).create({ embeddingSpace: SPACE })
  })

  it('embed() can be aborted; after it, an abort does nothing', async () => {
    await expectAbortable((signal) => embedder.embed('hello', { signal }))
    const controller = new AbortController()
    expect((await embedder.embed('hello', { signal: controller.signal })).embeddings).toHaveLength(1)
    controller.abort()
    expect((await embedder.embed('hello')).embeddings).toHaveLength(1)
  })

  it('destroy() rejects pending and later calls with an AbortError, and may be called again', async () => {
    const pending = failure(embedder.embed('a'))
    embedder.destroy()
    embedder.destroy()
    expectDomException(await pending, 'AbortError')
    expectDomException(await failure(embedder.embed('a')), 'AbortError')
    expectDomException(await failure(embedder.embed([])), 'AbortError')
  })
})

describe('params()', () => {
  it('names the space of a package by its files, of a hub id by its revision, of a folder by its URL', async () => {
    const space = await firstSpace(defineSemanticEmbedder(minilmL6))
    expect(space).toMatch(/^@nestling\/minilm-l6@[0-9a-f]{16}$/)
    const [file, ...rest] = minilmL6.files
    const changed = { ...minilmL6, files: [{ ...file, sha256: '0'.repeat(64) }, ...rest] } as typeof minilmL6
    expect(await firstSpace(defineSemanticEmbedder(changed))).not.toBe(space)
    // Another version of the same files lies in the same space.
    expect(await firstSpace(defineSemanticEmbedder({ ...minilmL6, version: '99.0.0' }))).toBe(space)
    expect(await firstSpace(defineSemanticEmbedder('owner/name', { revision: 'abc' }))).toBe('owner/name@abc')
    expect(await firstSpace(defineSemanticEmbedder('https://example.org/model?token=secret'))).toBe(
      'https://example.org/model/',
    )
  })

  it('lists one space without an end, and fetches nothing', async () => {
    const before = performance.getEntriesByType('resource').length
    const factory = defineSemanticEmbedder('/fixtures/no-such-model', { embeddingSpace: 'mine' })
    expect(await factory.params()).toEqual({ supportedSpaces: [{ embeddingSpace: 'mine', shutdownDate: null }] })
    expect(performance.getEntriesByType('resource').slice(before)).toEqual([])
  })

  it('needs a name for local files, and a model', async () => {
    const files = new Map([['config.json', new Blob(['{}'])]])
    for (const model of [files, undefined, null, 5]) {
      expect(await failure(defineSemanticEmbedder(model as never).params())).toBeInstanceOf(TypeError)
    }
    expect(await firstSpace(defineSemanticEmbedder(files, { embeddingSpace: 'mine' }))).toBe('mine')
    expect(() => defineSemanticEmbedder(minilmL6, { native: 'always' as never })).toThrow(TypeError)
    expect(() => defineSemanticEmbedder(minilmL6, { embeddingSpace: 5 as never })).toThrow(TypeError)
  })
})

describe("the browser's own embedder", () => {
  const own = { embeddingSpace: 'native', embed: () => Promise.resolve({ embeddings: [] }), destroy: () => undefined }
  const shutdownDate = Date.UTC(2027, 0, 1)

  it('serves its spaces first where that is asked for, and ours beside it', async () => {
    const asked: unknown[] = []
    let isThere = true
    scope.SemanticEmbedder = {
      params: () => Promise.resolve({ supportedSpaces: [{ embeddingSpace: 'native', shutdownDate }] }),
      availability: () => Promise.resolve(isThere ? 'downloadable' : 'unavailable'),
      create: (options) => {
        asked.push(options)
        return Promise.resolve(own)
      },
    }
    const ours = { embeddingSpace: SPACE, shutdownDate: null }
    const preferring = defineSemanticEmbedder(TINY, { native: 'prefer', embeddingSpace: SPACE })
    expect(await preferring.params()).toEqual({
      supportedSpaces: [{ embeddingSpace: 'native', shutdownDate }, ours],
    })
    expect(await preferring.availability()).toBe('downloadable')
    expect(await preferring.create({ embeddingSpace: 'native' })).toBe(own)
    expect(asked).toEqual([{ embeddingSpace: 'native' }])
    const embedder = await preferring.create({ embeddingSpace: SPACE })
    expect(embedder.embeddingSpace).toBe(SPACE)
    embedder.destroy()
    const only = defineSemanticEmbedder(TINY, { embeddingSpace: SPACE })
    expect(await only.params()).toEqual({ supportedSpaces: [ours] })
    expectDomException(await failure(only.create({ embeddingSpace: 'native' })), 'NotSupportedError')
    isThere = false
    expect(await preferring.params()).toEqual({ supportedSpaces: [ours] })
    expectDomException(await failure(preferring.create({ embeddingSpace: 'native' })), 'NotSupportedError')
    expect(asked).toHaveLength(1)
  })

  it('is passed over where it is older than params(), or refuses to answer', async () => {
    const refuse = (): Promise<never> => Promise.reject(new DOMException('no', 'NotAllowedError'))
    const factory = defineSemanticEmbedder(TINY, { native: 'prefer', embeddingSpace: SPACE })
    for (const native of [{ create: () => Promise.resolve(own) }, { params: refuse, availability: refuse }]) {
      scope.SemanticEmbedder = native
      expect(await firstSpace(factory)).toBe(SPACE)
      expect(await factory.availability()).not.toBe('unavailable')
      expectDomException(await failure(factory.create({ embeddingSpace: 'native' })), 'NotSupportedError')
    }
  })
})
