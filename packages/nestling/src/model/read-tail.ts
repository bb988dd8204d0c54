import { EmbedderError } from '../wire/embedder-error.js'
import { torchActivation } from './configs/activation.js'
import { ConfigReader } from './configs/config-reader.js'
import type { EncoderSpec, LinearSpec, TailSpec } from './encoder-spec.js'
import { joinPath } from './configs/inner-path.js'
import type { ModelFolder } from './model-folder.js'
import type { ModuleEntry } from './configs/modules.js'
import { readPoolingModes } from './configs/pooling-config.js'
import { readWeights } from './weights/read-weights.js'
import { WeightFinder } from './weights/weight-finder.js'

/** What comes after the network. */
export interface Tail {
  readonly pooling: EncoderSpec['pooling']
  readonly tail: readonly TailSpec[]
  /** Length of a vector. */
  readonly dim: number
  /** Bytes of the modules' own weights. */
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

/** What StaticEmbedding does by itself. */
const MEAN_POOLING: EncoderSpec['pooling'] = { modes: ['mean'], includePrompt: true }

/** `torch.nn.LayerNorm` has it as its default, and the module's config does not name it. */
const LAYER_NORM_EPSILON = 1e-5

/**
 * Reads pooling and the modules after it.
 *
 * @param modules - The modules after the network.
 * @param network - What comes in: the size of its hidden states, and whether it pools them itself.
 * @param network.hiddenSize - Length of a token's vector.
 * @param network.isPooled - Whether the modules start behind pooling.
 * @throws {EmbedderError} `model-unsupported` if the order is not known, and what reading a module throws.
 */
export async function readTail(
  folder: ModelFolder,
  modules: readonly ModuleEntry[],
  network: { readonly hiddenSize: number; readonly isPooled: boolean },
): Promise<Tail> {
  const hasPooling = !network.isPooled
  const pooling = hasPooling ? await readPooling(folder, modules[0], network.hiddenSize) : MEAN_POOLING
  const weightFiles = new Map<string, Uint8Array<ArrayBuffer>>()
  const tail: TailSpec[] = []
  let dim = network.hiddenSize * pooling.modes.length
  for (const module of hasPooling ? modules.slice(1) : modules) {
    const read = await readTailModule(folder, module, dim)
    for (const [path, bytes] of read.weightFiles) weightFiles.set(path, bytes)
    tail.push(read.spec)
    if (read.spec.kind === 'dense') dim = read.spec.outDim
  }
  return { pooling, tail, dim, weightFiles }
}

interface TailModule {
  readonly spec: TailSpec
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

function readTailModule(folder: ModelFolder, module: ModuleEntry, dim: number): Promise<TailModule> {
  switch (module.kind) {
    case 'Normalize':
      return Promise.resolve({ spec: { kind: 'normalize' }, weightFiles: new Map() })
    case 'Dense':
      return readDense(folder, module.path, dim)
    case 'LayerNorm':
      return readLayerNorm(folder, module.path, dim)
    default:
      throw misplaced(module)
  }
}

async function readPooling(
  folder: ModelFolder,
  module: ModuleEntry | undefined,
  hiddenSize: number,
): Promise<EncoderSpec['pooling']> {
  if (module?.kind !== 'Pooling') throw misplaced(module)
  if (module.modes !== undefined) return { ...MEAN_POOLING, modes: module.modes }
  const path = joinPath(module.path, 'config.json')
  const config = ConfigReader.parse(path, await folder.readText(path))
  const sizeKey = config.has('embedding_dimension') ? 'embedding_dimension' : 'word_embedding_dimension'
  config.integer(sizeKey, { min: hiddenSize, max: hiddenSize }, hiddenSize)
  return { modes: readPoolingModes(config), includePrompt: config.boolean('include_prompt', true) }
}

/** @see `sentence_transformers.base.modules.dense.Dense` */
async function readDense(folder: ModelFolder, modulePath: string, dim: number): Promise<TailModule> {
  const path = joinPath(modulePath, 'config.json')
  const config = ConfigReader.parse(path, await folder.readText(path))
  const inDim = config.integer('in_features', { min: dim, max: dim })
  const outDim = config.integer('out_features', { min: 1, max: 65_536 })
  for (const key of ['module_input_name', 'module_output_name']) {
    const name = config.string(key, 'sentence_embedding')
    if (name !== 'sentence_embedding')
      throw unsupported(path, `${key} must be sentence_embedding: current value is ${name}`)
  }
  const found = await readWeights(folder, modulePath)
  const weights = new WeightFinder(found, 'linear.weight')
  const weight = weights.get('linear.weight', [outDim, inDim])
  const linear = config.boolean('bias', true) ? { weight, bias: weights.get('linear.bias', [outDim]) } : { weight }
  const activation = torchActivation(config.string('activation_function', 'torch.nn.modules.activation.Tanh'), path)
  const spec = { kind: 'dense', linear, activation, outDim } as const
  if (!config.boolean('use_residual', false)) return { spec, weightFiles: found.files }
  const residual: LinearSpec | 'input' =
    inDim === outDim ? 'input' : { weight: weights.get('residual.weight', [outDim, inDim]) }
  return { spec: { ...spec, residual }, weightFiles: found.files }
}

/** @see `sentence_transformers.sentence_transformer.modules.layer_norm.LayerNorm` */
async function readLayerNorm(folder: ModelFolder, modulePath: string, dim: number): Promise<TailModule> {
  const found = await readWeights(folder, modulePath)
  const weights = new WeightFinder(found, 'norm.weight')
  const [weight, bias] = [weights.get('norm.weight', [dim]), weights.get('norm.bias', [dim])]
  const norm = { kind: 'layer', weight, bias, epsilon: LAYER_NORM_EPSILON } as const
  return { spec: { kind: 'layer-norm', norm }, weightFiles: found.files }
}

function misplaced(module: ModuleEntry | undefined): EmbedderError {
  const order = 'Transformer, Pooling, then Dense, LayerNorm and Normalize'
  const found = module?.kind ?? 'nothing'
  return unsupported('modules.json', `its order must be ${order}: current value at that place is ${found}`)
}

function unsupported(path: string, reason: string): EmbedderError {
  return new EmbedderError('model-unsupported', `Cannot load ${path} as ${reason}`, { details: { path } })
}
