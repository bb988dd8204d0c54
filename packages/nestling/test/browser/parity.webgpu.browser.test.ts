/// <reference types="vite/client" />
import { decodeFloats, worstError, type Golden } from '@nestling/testing'
import { load } from 'nestling'
import { expect, inject, it } from 'vitest'
import { describeParity } from '../parity.contract.js'

/** These go through every test on SwiftShader: they differ in norms, positions, attention, pooling, prompts and modules. */
const MODELS = [
  'bert-cls-mean-max',
  'bert-prompt-excluded',
  'gemma3-dense',
  'modernbert-cls',
  't5-dense',
  'static-normalize',
]

/** Every other fixture there is, in one batch: Node runs them in all ways on lavapipe. A new architecture needs no line here. */
const others = Object.keys(import.meta.glob('../../../testing/fixtures/models/*/golden.json'))
  .map((path) => path.split('/').at(-2) ?? '')
  .filter((name) => !MODELS.includes(name))

/** On SwiftShader onnxruntime compiles for half a minute; these differ in pooling, module chain and positions. */
const ON_ONNX = ['bert-cls-mean-max', 'roberta-lm-prefix']

/** These too in the slow lanes. */
const SLOW_ON_ONNX = ['bert-mean-normalize', 'gemma3-dense', 'modernbert-cls', 'roberta-mean-matryoshka', 't5-dense']

const TOLERANCE = 5e-4

describeParity([
  {
    name: 'webgpu',
    options: { device: 'webgpu' },
    tolerance: TOLERANCE,
    models: inject('runsAll') ? [...MODELS, ...others] : MODELS,
    dimsEncoded: 1,
  },
  {
    name: 'webgpu with onnxruntime',
    options: { device: 'webgpu', engine: 'onnx' },
    tolerance: TOLERANCE,
    models: inject('runsAll') ? [...ON_ONNX, ...SLOW_ON_ONNX] : ON_ONNX,
    dimsEncoded: 0,
  },
  {
    name: 'webgpu with onnxruntime without JSPI',
    options: { device: 'webgpu', engine: 'onnx', assetBaseUrl: '/nestling-dist/' },
    runtime: 'asyncify',
    tolerance: TOLERANCE,
    models: ['bert-mean-normalize'],
    dimsEncoded: 0,
  },
])

it.skipIf(inject('runsAll')).for(SLOW_ON_ONNX)('%s on webgpu with onnxruntime', (_, { skip }) => {
  skip('takes half a minute on SwiftShader; npm run test:all runs it')
})

it.each(others)('%s on webgpu, one batch, gives the vectors of Python', async (model) => {
  const golden = (await (await fetch(`/fixtures/${model}/golden.json`)).json()) as Golden
  const embedder = await load(`/fixtures/${model}`, { device: 'webgpu' })
  const { data } = await embedder.encode(golden.texts, { batchSize: golden.texts.length })
  const { runtime } = embedder.report
  await embedder.dispose()
  expect(runtime).toBe('wgsl')
  expect(worstError(data, decodeFloats(golden.embeddings), golden.dimension)).toBeLessThanOrEqual(TOLERANCE)
})
