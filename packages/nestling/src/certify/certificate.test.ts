import { decodeFloats } from '@nestling/testing'
import { readFixtureJson, readGolden as readPython } from '@nestling/testing/disk'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GoldenEngine, type GoldenEngineOptions } from '../../test/faults/golden-engine.js'
import { Tokenizer } from '../tokenize/tokenizer.js'
import { isEmbedderError } from '../wire/embedder-error.js'
import type { Verification } from '../wire/load-report.js'
import { certify, type Certificate } from './certificate.js'
import { readGolden } from './reference-vectors.js'

const MODEL = 'bert-mean-normalize'
const golden = readPython(MODEL)
const { tokenIds, dimension: dim } = golden
const vectors = decodeFloats(golden.embeddings)
const tokenizer = new Tokenizer(readFixtureJson(MODEL, 'tokenizer.json'), {}, { maxLength: 64, doLowerCase: false })
const reference = readGolden(JSON.stringify(golden), tokenizer, dim)

interface Run extends Certificate {
  readonly verification: Verification
  readonly engine: GoldenEngine
  /** Padding included. */
  readonly tokens: number
}

async function run(
  engineOptions: Partial<GoldenEngineOptions> = {},
  options: { isFallbackAdapter?: boolean; loadMs?: number } = {},
): Promise<Run> {
  const engine = new GoldenEngine({ tokenIds, vectors, dim, ...engineOptions })
  const certifying = certify({
    engine,
    reference,
    thresholds: { min: 0.9999, mean: 0.9999 },
    nestedDims: [32, 16, 8, 64],
    paddingId: 0,
    isFallbackAdapter: false,
    loadMs: 0,
    ...options,
  })
  const certificate = await whileTimePasses(certifying)
  const tokens = engine.batches.reduce((sum, { ids }) => sum + ids.length, 0)
  return { ...certificate, engine, tokens }
}

/** Lets the clock of the tests run until work is done: a busy machine has no part in what it takes. */
async function whileTimePasses<T>(work: Promise<T>): Promise<T> {
  const watched = { isDone: false }
  const settled = work.finally(() => {
    watched.isDone = true
  })
  while (!watched.isDone) await vi.advanceTimersToNextTimerAsync()
  return settled
}

describe('certify()', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('passes vectors that are right, on a padded batch with another script, a short text and the longest', async () => {
    const { verification, engine, seqLengths } = await run()
    expect(verification).toMatchObject({ verified: true, source: 'golden', dims: [32, 16, 8], texts: 3 })
    expect(verification.minCosine).toBeGreaterThan(0.999999)
    // The shortest text of five tokens or more, and the shortest that is mostly not Latin.
    const [batch, short, longest] = engine.batches
    expect(Array.from(batch?.lengths ?? [])).toEqual([7, 24])
    expect(short?.seqLength).toBe(7)
    expect(longest?.seqLength).toBe(64)
    expect(seqLengths).toEqual([24, 7, 64])
  })

  it.each<[string, (vector: Float32Array) => void, RegExp]>([
    ['that point elsewhere', (vector) => void vector.reverse(), /lowest cosine at dim 32 is/],
    [
      'that are longer',
      (vector) => {
        vector.set(vector.map((x) => x * 1.02))
      },
      /norm of text 0 is 1.02 instead of 1$/,
    ],
    ['that are nothing', (vector) => void vector.fill(0), /norm of text 0 is 0 instead of 1$/],
    ['with a NaN', (vector) => void vector.fill(NaN, 5, 6), /text 0 has numbers that are not finite/],
    ['with an infinity', (vector) => void vector.fill(Infinity, 5, 6), /not finite/],
  ])('fails vectors %s', async (_, spoil, message) => {
    const { verification } = await run({ spoil })
    expect(verification.verified).toBe(false)
    expect(verification.reason).toMatch(message)
  })

  it('fails vectors that are near at full length and not where they are cut', async () => {
    // The components from 8 on hold most of the length, so a change of the first hardly turns the whole.
    const large = new Float32Array(vectors.length)
    vectors.forEach((value, index) => {
      large[index] = index % dim < 8 ? value * 0.001 : value
    })
    const engine = new GoldenEngine({
      tokenIds,
      vectors: large,
      dim,
      spoil: (vector) => void vector.subarray(0, 8).reverse(),
    })
    const { verification } = await certify({
      engine,
      reference: { ...reference, vectors: large },
      thresholds: { min: 0.9999, mean: 0.9999 },
      nestedDims: [8],
      paddingId: 0,
      isFallbackAdapter: false,
      loadMs: 0,
    })
    expect(verification.reason).toMatch(/lowest cosine at dim 8 is/)
  })

  it('runs at most 64 tokens on a fallback adapter, padding included', async () => {
    const { tokens, verification } = await run({}, { isFallbackAdapter: true })
    // 2 * 24 for the batch, 12 for the longest text that is left over for.
    expect(tokens).toBe(60)
    expect(verification.texts).toBe(3)
  })

  it('takes a shorter text on a slow engine, to stay within 300 ms', async () => {
    const { verification, engine } = await run({ msPerToken: 3 })
    expect(engine.batches).toHaveLength(3)
    expect(engine.batches[2]?.seqLength).toBeLessThan(40)
    expect(engine.batches[2]?.seqLength).toBeGreaterThan(7)
    expect(verification.durationMs).toBeLessThan(300)
  })

  it('takes longer where the load took long', async () => {
    const { engine } = await run({ msPerToken: 3 }, { loadMs: 5000 })
    expect(engine.batches[2]?.seqLength).toBe(64)
  })

  it('works with a single text', async () => {
    const engine = new GoldenEngine({ tokenIds, vectors, dim })
    const single = { ...reference, texts: reference.texts.slice(0, 1), encodings: reference.encodings.slice(0, 1) }
    const thresholds = { min: 0.9999, mean: 0.9999 }
    const common = { nestedDims: [], paddingId: 0, isFallbackAdapter: false, loadMs: 0 }
    const { verification } = await certify({ engine, reference: single, thresholds, ...common })
    expect(verification).toMatchObject({ verified: true, texts: 1, dims: [32] })
  })
})

describe('readGolden()', () => {
  it.each<[string, object, RegExp]>([
    ['no texts', { texts: [] }, /texts must be/],
    ['texts that are none', { texts: [1] }, /texts must be/],
    ['too few lists of ids', { tokenIds: [[1]] }, /tokenIds must/],
    ['another dimension', { dimension: 31 }, /dimension must be 32, as the model's: current value is 31/],
    ['too few vectors', { embeddings: 'AACAPw==' }, /embeddings must be base64/],
    ['vectors that are no base64', { embeddings: '*' }, /embeddings must be base64/],
  ])('refuses a file with %s', (_, values, message) => {
    const read = (): unknown => readGolden(JSON.stringify({ ...golden, ...values }), tokenizer, dim)
    expect(read).toThrow(message)
    try {
      read()
    } catch (error) {
      expect(isEmbedderError(error, 'model-invalid')).toBe(true)
    }
  })

  it('refuses ids that are not those of the tokenizer', () => {
    const ids = golden.tokenIds.map((list, index) => (index === 4 ? [...list, 1] : list))
    try {
      readGolden(JSON.stringify({ ...golden, tokenIds: ids }), tokenizer, dim)
      expect.unreachable()
    } catch (error) {
      expect(isEmbedderError(error, 'verification-failed') && error.details['text']).toBe(4)
    }
  })
})
