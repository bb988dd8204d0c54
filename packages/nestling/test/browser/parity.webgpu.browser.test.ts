/// <reference types="vite/client" />
import { inject, it } from 'vitest'
import { describeParity } from '../parity.contract.js'

/** Every fixture there is: a new architecture needs no line here. */
const models = Object.keys(import.meta.glob('../../../testing/fixtures/models/*/golden.json')).map(
  (path) => path.split('/').at(-2) ?? '',
)

/** On SwiftShader onnxruntime compiles for half a minute; these differ in pooling, module chain and positions. */
const ON_ONNX = ['bert-cls-mean-max', 'roberta-lm-prefix']

/** These too in the slow lanes. */
const SLOW_ON_ONNX = ['bert-mean-normalize', 'gemma3-dense', 'modernbert-cls', 'roberta-mean-matryoshka', 't5-dense']

const TOLERANCE = 5e-4

describeParity([
  { name: 'webgpu', options: { device: 'webgpu' }, tolerance: TOLERANCE, models, dimsEncoded: 1 },
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
