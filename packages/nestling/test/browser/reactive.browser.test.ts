import { minilmL6 } from '@nestling/minilm-l6'
import { reactive, ref } from '@vue/reactivity'
import { Embeddings, load, type Embedder, type LoadOptions, type ModelSource } from 'nestling'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MODEL = '/fixtures/bert-mean-normalize'
const FILES = ['config.json', 'modules.json', '1_Pooling/config.json', 'tokenizer.json', 'model.safetensors']
const TEXTS = ['Birds fly south in autumn.', 'The river rises early.']

/** A proxy of all that is in it, as no framework makes them: of blobs and handles too. */
function proxyOf<T extends object>(target: T): T {
  return new Proxy(target, {})
}

describe('in the state of a framework', () => {
  let embedder: Embedder
  let expected: Float32Array

  beforeAll(async () => {
    embedder = await load(MODEL, { device: 'wasm' })
    expected = (await embedder.encode(TEXTS)).data
  })
  afterAll(() => embedder.dispose())

  it('texts and options are read through proxies', async () => {
    const state = reactive({ texts: [...TEXTS], options: { truncateDim: undefined, batchSize: 1 } })
    expect((await embedder.encode(state.texts, state.options)).data).toEqual(expected)
    expect((await embedder.encodeDocument(ref(TEXTS).value)).data).toEqual(expected)
    expect(await embedder.countTokens(state.texts)).toEqual(await embedder.countTokens(TEXTS))
    expect(await embedder.tokenize(state.texts)).toEqual(await embedder.tokenize(TEXTS))
    expect(await embedder.chunk(state.texts)).toEqual(await embedder.chunk(TEXTS))
    expect((await embedder.encodeChunks(state.texts)).embeddings.data).toEqual(expected)
  })

  it('an embedder is what it was', async () => {
    const state = reactive({ embedder, list: [embedder] })
    expect(state.embedder).toBe(embedder)
    expect(reactive(embedder)).toBe(embedder)
    expect((await state.embedder.encode(TEXTS)).data).toEqual(expected)
    expect(state.list[0]?.report.device).toBe('wasm')
  })

  it('embeddings are compared and revived through proxies', async () => {
    const held = reactive({ a: await embedder.encode(TEXTS) })
    const plain = await embedder.similarity(await embedder.encode(TEXTS), await embedder.encode(TEXTS))
    expect((await embedder.similarity(held.a as never, held.a as never)).data).toEqual(plain.data)
    expect(Embeddings.from(held.a as never).shape).toEqual([2, 32])
  })

  it('a model package, its dims and cache options load', async () => {
    const state = reactive({ model: minilmL6, options: { device: 'wasm', cache: { embeddings: { maxBytes: 1e6 } } } })
    const loaded = await load(state.model, state.options as LoadOptions)
    expect(loaded.nestedDims).toEqual(minilmL6.nestedDims)
    await loaded.dispose()
    const dims = await load(MODEL, reactive<LoadOptions>({ device: 'wasm', nestedDims: [8, 16], verify: 'off' }))
    expect(dims.nestedDims).toEqual([8, 16])
    await dims.dispose()
  })

  it('files in memory load, from a map and from an object', async () => {
    const entries = await Promise.all(
      FILES.map(async (path) => [path, await (await fetch(`${MODEL}/${path}`)).blob()] as const),
    )
    for (const model of [reactive(new Map(entries)), reactive(Object.fromEntries(entries))]) {
      const loaded = await load(model, { device: 'wasm' })
      expect((await loaded.encode(TEXTS)).data).toEqual(expected)
      await loaded.dispose()
    }
  })

  it('what cannot be copied is misuse', async () => {
    const blobs = { 'config.json': proxyOf(new Blob(['{}'])) }
    await expect(load(blobs as unknown as ModelSource)).rejects.toThrow(/config\.json must be a Blob/)
    const root = await navigator.storage.getDirectory()
    await expect(load(proxyOf(root))).rejects.toThrow(/must be a model package, .* a directory handle/)
    const bound = new Proxy(root, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    const failure: unknown = await load(bound, { device: 'wasm' }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TypeError)
    expect((failure as Error).message).toMatch(/^Cannot load a model as it must be no proxy/)
  })
})
