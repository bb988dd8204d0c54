/// <reference types="vite/client" />
import { describeParity } from '../parity.contract.js'

/** Every fixture there is: a new architecture needs no line here. */
const models = Object.keys(import.meta.glob('../../../testing/fixtures/models/*/golden.json')).map(
  (path) => path.split('/').at(-2) ?? '',
)

/** One of each kind of layer on our kernels: Node runs them all, on the same kernels. */
const ON_KERNELS = [
  'albert-mean',
  'bert-cls-mean-max',
  'bert-fp16',
  'distilbert-dense-tanh',
  'gemma3-dense',
  'gte-cls',
  'modernbert-cls',
  'mpnet-mean-normalize',
  'nomic-bert-matryoshka',
  'qwen3-lasttoken',
  'static-embedding',
  't5-dense',
]

describeParity([
  { name: 'wasm', options: { device: 'wasm', engine: 'onnx' }, tolerance: 2e-4, models, dimsEncoded: 9 },
  {
    name: 'kernels',
    options: { device: 'wasm', engine: 'kernels' },
    tolerance: 2e-4,
    models: ON_KERNELS,
    dimsEncoded: 1,
  },
])
