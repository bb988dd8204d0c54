import { progressFaults, watchProgress, type WatchedCall } from '@nestling/testing/progress-contract'
import {
  load,
  plan,
  type Embedder,
  type LoadOptions,
  type ModelSource,
  type ProgressEvent,
  type ProgressListener,
} from 'nestling'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'

const HUB = inject('hubUrl')
const WASM: LoadOptions = { device: 'wasm' }
const ON_HUB: LoadOptions = { ...WASM, endpoint: HUB }
const FIXTURE = '/fixtures/bert-mean-normalize'
const SHARDED = '/fixtures/bert-bf16-sharded'

beforeEach(async () => {
  await new Promise((resolve) => {
    indexedDB.deleteDatabase('nestling').onsuccess = resolve
  })
})

async function sizeOf(path: string): Promise<number> {
  return (await (await fetch(path)).arrayBuffer()).byteLength
}

/** Loads, and ends what was loaded. */
function watchLoad(model: ModelSource, options: LoadOptions): Promise<WatchedCall<ProgressEvent>> {
  return watchProgress<ProgressEvent>(async (onProgress) => {
    const embedder = await load(model, { ...options, onProgress })
    await embedder.dispose()
  })
}

describe('the progress of load()', () => {
  const HOSTS: readonly (readonly [string, string, LoadOptions, string])[] = [
    ['a URL', FIXTURE, WASM, FIXTURE],
    ['shards', SHARDED, WASM, SHARDED],
    ['a hub id', 'tiny/bert', ON_HUB, FIXTURE],
    ['a hub that compresses', 'faults/gzip', ON_HUB, FIXTURE],
    ['a hub that compresses and tells that length', 'faults/gzip-length', ON_HUB, FIXTURE],
    ['a hub that tells no length', 'faults/no-length', ON_HUB, FIXTURE],
    ['a hub whose connection breaks', 'faults/broken-once', ON_HUB, FIXTURE],
    ['a hub that refuses HEAD', 'faults/head-405', ON_HUB, FIXTURE],
  ]

  it.each(HOSTS)('counts weights and tokenizer, from %s', async (_, model, options, files) => {
    const weights = files === SHARDED ? ['model-00001-of-00002', 'model-00002-of-00002'] : ['model']
    const names = ['tokenizer.json', ...weights.map((name) => `${name}.safetensors`)]
    const sizes = await Promise.all(names.map((name) => sizeOf(`${files}/${name}`)))
    const bytes = sizes.reduce((sum, size) => sum + size)
    expect((await plan(model, options)).modelBytes).toBe(bytes)
    for (const visit of ['first', 'second']) {
      const call = await watchLoad(model, options)
      expect(progressFaults(call), visit).toEqual([])
      expect(call.events[0]).toMatchObject({ phase: 'download', fraction: 0 })
      const downloads = call.events.filter(({ phase }) => phase === 'download')
      expect(downloads.at(-1)).toMatchObject({ loadedBytes: bytes, totalBytes: bytes })
      expect(call.events.at(-1)).toEqual({ phase: 'ready', fraction: 1 })
    }
    expect(await plan(model, options)).toMatchObject({ isCached: true, modelBytes: 0 })
  })

  it.each([1, 2, 5])('ends with an abort at event %s', async (count) => {
    for (const model of [FIXTURE, 'faults/slow']) {
      const controller = new AbortController()
      let heard = 0
      const call = await watchProgress<ProgressEvent>((onProgress) =>
        load(model, {
          ...(model === FIXTURE ? WASM : ON_HUB),
          signal: controller.signal,
          onProgress: (event) => {
            onProgress(event)
            if (++heard === count) controller.abort('enough')
          },
        }),
      )
      expect(call).toMatchObject({ outcome: 'failed', value: 'enough' })
      expect(call.events).toHaveLength(count)
      expect(progressFaults(call)).toEqual([])
    }
  })

  it.each(['faults/short', 'faults/broken', 'tiny/pickle', 'faults/500'])('ends with a failure: %s', async (id) => {
    const call = await watchLoad(id, ON_HUB)
    expect(call.outcome).toBe('failed')
    expect(progressFaults(call)).toEqual([])
  })
})

describe('plan()', () => {
  it('knows nothing of what cannot be reached, and does not fail', async () => {
    for (const [model, options] of [
      ['tiny/none', ON_HUB],
      ['faults/401', ON_HUB],
      ['a/b', { ...WASM, endpoint: 'http://127.0.0.1:1' }],
      ['/nowhere', WASM],
      ['tiny/bert', { ...ON_HUB, cache: { weights: 'only' } }],
    ] as const) {
      expect((await plan(model, options)).modelBytes, model).toBeUndefined()
    }
  })

  it('ends with an abort', async () => {
    const controller = new AbortController()
    const planning = plan('faults/slow', { ...ON_HUB, signal: controller.signal })
    controller.abort('enough')
    await expect(planning).rejects.toBe('enough')
  })
})

describe('the progress of encode()', () => {
  let embedder: Embedder
  beforeAll(async () => {
    embedder = await load(FIXTURE, WASM)
  })
  afterAll(() => embedder.dispose())

  const TEXTS = Array.from({ length: 600 }, (_, index) => `text ${index % 400} ${'word '.repeat(index % 60)}`)

  it.each<[string, readonly string[]]>([
    ['none', []],
    ['one', ['a']],
    ['equal texts', Array.from({ length: 50 }, () => 'a')],
    ['many', TEXTS],
  ])('counts texts: %s', async (_, texts) => {
    for (const precision of ['float32', 'int8'] as const) {
      if (precision === 'int8' && texts.length < 2) continue
      const call = await watchProgress<ProgressEvent>((onProgress) => embedder.encode(texts, { precision, onProgress }))
      expect(call.value).not.toBeInstanceOf(Error)
      expect(progressFaults(call)).toEqual([])
      expect(call.events.at(-1)).toEqual({ phase: 'encode', fraction: 1, done: texts.length, total: texts.length })
    }
  })

  it('is kept by what encodes in other ways', async () => {
    const some = TEXTS.slice(0, 20)
    for (const encode of [
      (onProgress: ProgressListener) => embedder.encodeQuery(some, { onProgress }),
      (onProgress: ProgressListener) => embedder.encodeDocument(some, { onProgress }),
      (onProgress: ProgressListener) => embedder.encodeChunks(some, { onProgress }),
    ]) {
      expect(progressFaults(await watchProgress<ProgressEvent>(encode))).toEqual([])
    }
  })

  it('ends with an abort', async () => {
    const controller = new AbortController()
    const call = await watchProgress<ProgressEvent>((onProgress) =>
      embedder.encode(TEXTS, {
        signal: controller.signal,
        onProgress: (event) => {
          onProgress(event)
          controller.abort('enough')
        },
      }),
    )
    expect(call).toMatchObject({ outcome: 'failed', value: 'enough' })
    expect(call.events).toHaveLength(1)
    expect(progressFaults(call)).toEqual([])
  })

  it('ends with dispose()', async () => {
    const other = await load(FIXTURE, WASM)
    const call = await watchProgress<ProgressEvent>((onProgress) =>
      other.encode(TEXTS, {
        onProgress: (event) => {
          onProgress(event)
          void other.dispose()
        },
      }),
    )
    expect(call).toMatchObject({ outcome: 'failed', value: { code: 'disposed' } })
    expect(call.events).toHaveLength(1)
    expect(progressFaults(call)).toEqual([])
  })
})
