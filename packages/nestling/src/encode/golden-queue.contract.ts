import { decodeFloats } from '@nestling/testing'
import { readFixtureJson, readGolden } from '@nestling/testing/disk'
import type { PoolingChain } from '../model/encoder-spec.js'
import { Tokenizer } from '../tokenize/tokenizer.js'

/** The tiny model whose texts the queues of the tests know. */
export const MODEL = 'bert-mean-normalize'
const golden = readGolden(MODEL)
export const texts: readonly string[] = golden.texts
export const tokenIds: readonly (readonly number[])[] = golden.tokenIds
export const dim: number = golden.dimension
export const vectors: Float32Array = decodeFloats(golden.embeddings)

/** What a queue needs to know of the model, beside its engine. */
export const MODEL_FACTS = {
  spec: { pooling: { modes: ['mean'], includePrompt: true }, tail: [{ kind: 'normalize' }], dim } as PoolingChain,
  settings: {
    maxSeqLength: 64,
    doLowerCase: false,
    addSpecialTokens: true,
    similarityFunction: 'cosine',
    prompts: {},
    defaultPromptName: null,
    truncateDim: undefined,
  },
  isStatic: false,
} as const

/** A request as the page sends it for a list, but for id and texts. */
export const REQUEST = {
  prompt: '',
  truncateDim: undefined,
  normalize: false,
  batchSize: 32,
  priority: 'background',
  onTruncate: 'truncate',
  cacheDim: undefined,
  isIsolated: false,
} as const

/** The tokenizer of a tiny model, cut where this one's is. */
export function tokenizerOf(model: string): Tokenizer {
  return new Tokenizer(readFixtureJson(model, 'tokenizer.json'), {}, { maxLength: 64, doLowerCase: false })
}

/** What Python gives for the text at a place, or its first components. */
export function expected(index: number, length: number = dim): number[] {
  return Array.from(vectors.subarray(index * dim, index * dim + length))
}
