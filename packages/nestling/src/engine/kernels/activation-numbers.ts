import type { Activation } from '../../model/encoder-spec.js'

/** Numbers of the activations, in `kernels/activation.ts` and in `shaders/activate.ts`. */
export const ACTIVATION_NUMBERS: Readonly<Record<Activation, number>> = {
  identity: 0,
  gelu: 1,
  'gelu-tanh': 2,
  'quick-gelu': 3,
  relu: 4,
  silu: 5,
  tanh: 6,
  sigmoid: 7,
}
