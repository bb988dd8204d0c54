import type { Activation } from '../model/encoder-spec.js'

/** Gives an activation as a function of one number. */
export function activationFunction(activation: Activation): (value: number) => number {
  return FUNCTIONS[activation]
}

const FUNCTIONS: Readonly<Record<Activation, (value: number) => number>> = {
  identity: (value) => value,
  gelu: (value) => (value / 2) * (1 + erf(value * Math.SQRT1_2)),
  'gelu-tanh': (value) => (value / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3))),
  'quick-gelu': (value) => value * sigmoid(1.702 * value),
  relu: (value) => Math.max(0, value),
  silu: (value) => value * sigmoid(value),
  tanh: Math.tanh,
  sigmoid,
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value))
}

/**
 * Error at most 1.5e-7, near the resolution of float32.
 *
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26
 */
function erf(value: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(value))
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
  return Math.sign(value) * (1 - series * Math.exp(-value * value))
}
