/// <reference types="vite/client" />
import { describeParity } from '../parity.contract.js'

/** Every fixture there is: a new architecture needs no line here. */
const models = Object.keys(import.meta.glob('../../../testing/fixtures/models/*/golden.json')).map(
  (path) => path.split('/').at(-2) ?? '',
)

describeParity([
  { name: 'wasm', options: { device: 'wasm', engine: 'onnx' }, tolerance: 2e-4, models, dimsEncoded: 9 },
  { name: 'kernels', options: { device: 'wasm', engine: 'kernels' }, tolerance: 2e-4, models, dimsEncoded: 1 },
])
