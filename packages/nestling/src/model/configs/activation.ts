import { EmbedderError } from '../../wire/embedder-error.js'
import type { Activation } from '../encoder-spec.js'

/**
 * `hidden_act` of Hugging Face configs.
 *
 * @see `transformers.activations.ACT2FN`
 */
const HIDDEN_ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu-tanh',
  gelu_fast: 'gelu-tanh',
  gelu_pytorch_tanh: 'gelu-tanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  quick_gelu: 'quick-gelu',
  linear: 'identity',
}

/** Last part of `activation_function` in a Dense module's config: a PyTorch class. */
const TORCH_ACTIVATIONS: Readonly<Record<string, Activation>> = {
  Identity: 'identity',
  GELU: 'gelu',
  ReLU: 'relu',
  SiLU: 'silu',
  Tanh: 'tanh',
  Sigmoid: 'sigmoid',
}

/**
 * Finds the activation that a transformer config names.
 *
 * @param name - `hidden_act`.
 * @param path - The config's path, for messages.
 * @throws {EmbedderError} `model-unsupported` if it is not known.
 */
export function hiddenActivation(name: string, path: string): Activation {
  return lookUp(HIDDEN_ACTIVATIONS, name, name, path)
}

/**
 * Finds the activation that a Dense module names.
 *
 * @param name - `activation_function`, such as `torch.nn.modules.activation.Tanh`.
 * @param path - The config's path, for messages.
 * @throws {EmbedderError} `model-unsupported` if it is not known.
 */
export function torchActivation(name: string, path: string): Activation {
  return lookUp(TORCH_ACTIVATIONS, name.slice(name.lastIndexOf('.') + 1), name, path)
}

function lookUp(table: Readonly<Record<string, Activation>>, key: string, name: string, path: string): Activation {
  const activation = Object.hasOwn(table, key) ? table[key] : undefined
  if (activation !== undefined) return activation
  throw new EmbedderError(
    'model-unsupported',
    `Cannot load ${path} as its activation must be one of ${Object.keys(table).join(', ')}: current value is ${name}`,
    { details: { path, activation: name } },
  )
}
