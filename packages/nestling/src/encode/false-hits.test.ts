import { dataUrl, listFixtureFiles } from '@nestling/testing/disk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DownloadProgress } from '../model/download/download-progress.js'
import { ModelFolder } from '../model/model-folder.js'
import { readModel } from '../model/read-model.js'
import { EmbeddingStore } from '../store/embeddings/embedding-store.js'
import { MemoryStorage } from '../store/records/memory-storage.js'
import type { EncodeRequest } from '../wire/protocol.js'
import { VectorCache } from './vector-cache.js'
import { EncodeJob } from './encode-job.js'
import { numericsOf } from '../certify/numerics-of.js'
import { TextTask } from './text-task.js'

const PAIRS = 1000
const DIM = 4

/** Models of 32 components, and each with a byte of its weights or its tokenizer changed. */
const MODELS = ['bert-mean-normalize', 'bert-max', 'bert-cls-prompts', 'electra-mean'] as const
const CHANGES = ['none', 'first weight', 'last weight', 'tokenizer'] as const

/** All that decides what a vector is. */
interface Configuration {
  readonly model: (typeof MODELS)[number]
  readonly change: (typeof CHANGES)[number]
  readonly prompt: string
  readonly engine: 'onnx' | 'transformers'
  readonly dtype: 'fp32' | 'fp16' | 'q8'
  readonly device: 'wasm' | 'webgpu'
  readonly maxSeqLength: number
  readonly isChunked: boolean
  readonly text: string
}

async function spaceIdOfVariant(model: string, change: string): Promise<string> {
  const files = listFixtureFiles(model).map((file) => {
    const bytes = Uint8Array.from(Buffer.from(file.url.slice(file.url.indexOf(',') + 1), 'base64'))
    if (file.path === 'tokenizer.json' && change === 'tokenizer') {
      const json = JSON.parse(new TextDecoder().decode(bytes)) as object
      return { ...file, url: dataUrl(new TextEncoder().encode(JSON.stringify({ ...json, version: '1.1' }))) }
    }
    if (file.path !== 'model.safetensors' || !change.endsWith('weight')) return file
    // Behind the header, whose length the first 8 bytes tell.
    const first = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))
    const at = change === 'first weight' ? first : bytes.length - 1
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return { ...file, url: dataUrl(bytes) }
  })
  const progress = new DownloadProgress(() => undefined)
  return (await readModel(new ModelFolder({ kind: 'listed', name: model, files }, progress))).spaceId
}

const text = fc.oneof(
  fc.constantFrom('', 'a', 'query: a', 'The river rises early.', '\uD800', '\uD801', '\uFFFD'),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const configuration: fc.Arbitrary<Configuration> = fc.record({
  model: fc.constantFrom(...MODELS),
  change: fc.constantFrom(...CHANGES),
  // Prompts and texts that are equal when put together.
  prompt: fc.constantFrom('', 'query: ', 'query:', 'a', '\uD800'),
  engine: fc.constantFrom('onnx', 'transformers'),
  dtype: fc.constantFrom('fp32', 'fp16', 'q8'),
  device: fc.constantFrom('wasm', 'webgpu'),
  maxSeqLength: fc.constantFrom(64, 128, Infinity),
  isChunked: fc.boolean(),
  text,
})

/** A pair that differs in one or in several respects, or in none. */
const pair: fc.Arbitrary<readonly [Configuration, Configuration]> = fc
  .tuple(configuration, configuration, fc.subarray(Object.keys(EMPTY()) as (keyof Configuration)[]), fc.boolean())
  .map(([a, b, keys, isOne]) => {
    const taken = isOne ? keys.slice(0, 1) : keys
    return [a, { ...a, ...Object.fromEntries(taken.map((key) => [key, b[key]])) }]
  })

function EMPTY(): Record<keyof Configuration, true> {
  return {
    model: true,
    change: true,
    prompt: true,
    engine: true,
    dtype: true,
    device: true,
    maxSeqLength: true,
    isChunked: true,
    text: true,
  }
}

/** What a vector depends on: in float32 devices agree. */
function identityOf({ device, ...rest }: Configuration): string {
  return JSON.stringify({
    ...rest,
    maxSeqLength: String(rest.maxSeqLength),
    device: rest.dtype === 'fp32' ? '' : device,
  })
}

/** A vector that only this configuration has. */
const known = new Map<string, number>()
function vectorOf(identity: string): Float32Array {
  const number = known.get(identity) ?? known.size
  known.set(identity, number)
  return Float32Array.from({ length: DIM }, (_, index) => number + index / 8)
}

function taskOf({ prompt, text: content, isChunked }: Configuration): TextTask {
  const task = new TextTask({ key: '', prompt, text: content, isChunked, group: 0 }, 'background')
  const request: Partial<EncodeRequest> = { texts: [content], cacheDim: DIM, batchSize: 1, truncateDim: undefined }
  task.subscribe({ job: new EncodeJob(request as EncodeRequest), index: 0 })
  return task
}

describe('EmbeddingCache', () => {
  it(`answers none of ${PAIRS} pairs of configurations for one another, and each for itself`, async () => {
    const spaceIds = new Map<string, string>()
    for (const model of MODELS) {
      for (const change of CHANGES) spaceIds.set(`${model} ${change}`, await spaceIdOfVariant(model, change))
    }
    expect(new Set(spaceIds.values()).size).toBe(MODELS.length * CHANGES.length)
    const storage = new MemoryStorage()
    const writer = new EmbeddingStore(storage, { maxBytes: 2 ** 26 })
    const cacheOf = (store: EmbeddingStore, { model, change, maxSeqLength, ...rest }: Configuration): VectorCache => {
      const numerics = numericsOf({ name: rest.engine, dtype: rest.dtype, device: rest.device })
      const spaceId = spaceIds.get(`${model} ${change}`) ?? ''
      const fail = (error: unknown): never => {
        throw error
      }
      return new VectorCache({ store, facts: { spaceId, model, maxSeqLength, numerics }, onFailure: fail })
    }
    const pairs = fc.sample(pair, { numRuns: PAIRS, seed: 7 })
    const stored = new Set<string>()
    for (const [a] of pairs) {
      stored.add(identityOf(a))
      cacheOf(writer, a).put(taskOf(a), vectorOf(identityOf(a)))
    }
    await writer.flush()
    const counts = { hits: 0, misses: 0, falseHits: 0 }
    const reader = new EmbeddingStore(storage, { maxBytes: 2 ** 26 })
    for (const [a, b] of pairs) {
      for (const asked of [a, b]) {
        const [found] = await cacheOf(reader, asked).find([taskOf(asked)], DIM, 'background')
        const isStored = stored.has(identityOf(asked))
        const isRight =
          found === undefined ? !isStored : isStored && found.vector.join() === vectorOf(identityOf(asked)).join()
        if (!isRight) counts.falseHits++
        else if (found === undefined) counts.misses++
        else counts.hits++
      }
    }
    console.log(`${PAIRS} pairs of configurations: ${JSON.stringify(counts)}, ${stored.size} vectors stored`)
    expect(counts.falseHits).toBe(0)
    expect(counts.hits).toBeGreaterThanOrEqual(PAIRS)
    expect(counts.misses).toBeGreaterThan(PAIRS / 2)
  }, 20_000)
})
