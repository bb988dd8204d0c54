import { decodeFloats, worstError, type Golden } from '@nestling/testing'
import { load } from 'nestling'
import { describe, expect, inject, it } from 'vitest'
import { describeParity } from '../parity.contract.js'

/** On SwiftShader these go through every test; they differ in pooling, module chain and positions. */
const MODELS = ['bert-mean-normalize', 'bert-cls-mean-max', 'roberta-lm-prefix']

/** These too in the slow lanes; what they have of their own, pooling and tail, is a line of the graph or runs on the CPU. */
const SLOW_MODELS = ['bert-max', 'roberta-mean-matryoshka']

/** One of each other family: on SwiftShader one batch each, as compiling their kernels takes most of the time. */
const FAMILIES = [
  'albert-mean',
  'bert-fp16',
  'distilbert-dense-tanh',
  'gemma3-dense',
  'gte-cls',
  'modernbert-cls',
  'mpnet-mean-normalize',
  'qwen3-lasttoken',
  'static-normalize',
  't5-dense',
]

const TOLERANCE = 5e-4

describeParity([
  {
    name: 'webgpu',
    options: { device: 'webgpu' },
    tolerance: TOLERANCE,
    models: inject('runsAll') ? [...MODELS, ...SLOW_MODELS] : MODELS,
    dimsEncoded: 1,
  },
  {
    name: 'webgpu without JSPI',
    options: { device: 'webgpu', assetBaseUrl: '/nestling-dist/' },
    runtime: 'asyncify',
    tolerance: TOLERANCE,
    models: ['bert-mean-normalize', 'roberta-lm-prefix'],
    dimsEncoded: 0,
  },
])

it.skipIf(inject('runsAll')).for(SLOW_MODELS)('%s on webgpu', (_, { skip }) => {
  skip('takes half a minute on SwiftShader; npm run test:all runs it')
})

describe.each(FAMILIES)('%s on webgpu, one batch', (model) => {
  it('gives the vectors of Python', async () => {
    const golden = (await (await fetch(`/fixtures/${model}/golden.json`)).json()) as Golden
    const embedder = await load(`/fixtures/${model}`, { device: 'webgpu' })
    const { data } = await embedder.encode(golden.texts)
    await embedder.dispose()
    expect(worstError(data, decodeFloats(golden.embeddings), golden.dimension)).toBeLessThanOrEqual(TOLERANCE)
  })
})
