import 'fake-indexeddb/auto'
import { readFixtureJson } from '@nestling/testing/disk'
import { deleteDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import type { EncoderBatch, Engine } from '../engine/engine.js'
import { VerdictStore } from './verdict-store.js'
import { Tokenizer } from '../tokenize/tokenizer.js'
import type { Dtype } from '../wire/protocol.js'
import { ReferenceMaker } from './reference-maker.js'
import type { StartedModel } from './running-model.js'

const DIM = 2
const tokenizer = new Tokenizer(
  readFixtureJson('bert-mean-normalize', 'tokenizer.json'),
  {},
  { maxLength: 64, doLowerCase: false },
)

/** Gives each text its first real token and its length. */
class CountingEngine implements Engine {
  readonly name = 'onnx'
  readonly device = 'wasm'
  readonly runtime = 'wasm'
  readonly threads = 1
  readonly dtype: Dtype
  isDisposed = false

  constructor(dtype: Dtype) {
    this.dtype = dtype
  }

  run({ ids, lengths }: EncoderBatch): Promise<Float32Array<ArrayBuffer>> {
    return Promise.resolve(Float32Array.of(ids[1] ?? 0, lengths[0] ?? 0))
  }

  dispose(): Promise<void> {
    this.isDisposed = true
    return Promise.resolve()
  }
}

const modelIn = (dtype: Dtype): StartedModel => ({
  engine: new CountingEngine(dtype),
  tokenizer,
  spec: { pooling: { modes: ['mean'], includePrompt: true }, tail: [], dim: DIM },
  settings: {} as StartedModel['settings'],
  spaceId: 'space',
  reasons: [],
})

afterEach(async () => {
  await deleteDB('nestling')
})

describe('ReferenceMaker', () => {
  it('makes vectors once for each model, each text alone, and disposes the engine', async () => {
    const engines: CountingEngine[] = []
    const start = (dtype: Dtype): Promise<Engine> => {
      const engine = new CountingEngine(dtype)
      engines.push(engine)
      return Promise.resolve(engine)
    }
    const [first, second] = [new VerdictStore(), new VerdictStore()]
    const made = await new ReferenceMaker(first, start).make(modelIn('fp32'))
    first.close()
    if (typeof made === 'string') throw new Error(made)
    expect(Array.from(made.vectors)).toEqual(made.encodings.flatMap(({ ids }) => [ids[1], ids.length]))
    expect(engines.map(({ isDisposed }) => isDisposed)).toEqual([true])

    const remembered = await new ReferenceMaker(second, start).make(modelIn('fp32'))
    second.close()
    expect(remembered).toEqual(made)
    expect(engines).toHaveLength(1)
  })

  it('computes in float32 what is checked in float16', async () => {
    const asked: Dtype[] = []
    const store = new VerdictStore()
    const start = (dtype: Dtype): Promise<Engine> => {
      asked.push(dtype)
      return Promise.resolve(new CountingEngine(dtype))
    }
    await new ReferenceMaker(store, start).make(modelIn('fp16'))
    store.close()
    expect(asked).toEqual(['fp32'])
  })

  it('says why there are none, instead of failing the load', async () => {
    const store = new VerdictStore()
    const start = (): Promise<Engine> => Promise.reject(new Error('the runtime is not there'))
    expect(await new ReferenceMaker(store, start).make(modelIn('fp32'))).toMatch(
      /could not be had .* the runtime is not there/,
    )
    store.close()
  })
})
