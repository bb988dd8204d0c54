import { EmbedderError } from '../wire/embedder-error.js'
import { torchActivation } from './activation.js'
import { ConfigReader } from './config-reader.js'
import type { PoolingChain, PoolingMode, TailSpec } from './encoder-spec.js'
import type { ModelFolder } from './model-folder.js'
import { joinPath, WEIGHTS, type ModuleEntry } from './modules.js'
import { readPoolingModes } from './pooling-config.js'
import { WeightFile } from './weight-file.js'

/**
 * Reads what follows the transformer.
 *
 * @param folder - The folder.
 * @param modules - The modules after the first.
 * @param hiddenSize - Components a token that the transformer gives.
 * @param weightFiles - Gets the files that Dense modules keep their weights in.
 * @returns Pooling and the modules after it.
 * @throws {EmbedderError} `model-not-found`, `model-invalid`, `model-unsupported`, `weights-missing` or what fetching throws.
 */
export async function readTail(
  folder: ModelFolder,
  modules: readonly ModuleEntry[],
  hiddenSize: number,
  weightFiles: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<PoolingChain> {
  const [first, ...rest] = modules
  const pooling = first === undefined ? DEFAULT_POOLING : await readPooling(folder, first, hiddenSize)
  const tail: TailSpec[] = []
  let dim = hiddenSize * pooling.modes.length
  for (const module of rest) {
    if (module.kind === 'Normalize') tail.push({ kind: 'normalize' })
    else if (module.kind === 'Dense') {
      const dense = await readDense(folder, module.path, dim, weightFiles)
      tail.push(dense)
      dim = dense.outDim
    } else throw misplaced(module)
  }
  return { pooling, tail, dim }
}

/** What sentence-transformers does where a folder has no modules.json. */
const DEFAULT_POOLING: PoolingChain['pooling'] = { modes: ['mean'], includePrompt: true }

async function readPooling(
  folder: ModelFolder,
  module: ModuleEntry,
  hiddenSize: number,
): Promise<PoolingChain['pooling']> {
  if (module.kind !== 'Pooling') throw misplaced(module)
  const path = joinPath(module.path, 'config.json')
  const config = ConfigReader.parse(path, await folder.readText(path))
  const sizeKey = config.has('embedding_dimension') ? 'embedding_dimension' : 'word_embedding_dimension'
  config.integer(sizeKey, { min: hiddenSize, max: hiddenSize }, hiddenSize)
  const modes: readonly PoolingMode[] = readPoolingModes(config)
  return { modes, includePrompt: config.boolean('include_prompt', true) }
}

async function readDense(
  folder: ModelFolder,
  modulePath: string,
  dim: number,
  weightFiles: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<Extract<TailSpec, { kind: 'dense' }>> {
  const path = joinPath(modulePath, 'config.json')
  const config = ConfigReader.parse(path, await folder.readText(path))
  const inDim = config.integer('in_features', { min: dim, max: dim })
  const outDim = config.integer('out_features', { min: 1, max: 65_536 })
  const weightsPath = joinPath(modulePath, WEIGHTS)
  const bytes = await folder.read(weightsPath)
  weightFiles.set(weightsPath, bytes)
  const weights = new WeightFile(weightsPath, bytes, 'linear.weight')
  const weight = weights.get('linear.weight', [outDim, inDim])
  const linear = config.boolean('bias', true) ? { weight, bias: weights.get('linear.bias', [outDim]) } : { weight }
  const activation = torchActivation(config.string('activation_function', 'torch.nn.modules.activation.Tanh'), path)
  return { kind: 'dense', linear, activation, outDim }
}

function misplaced(module: ModuleEntry): EmbedderError {
  return new EmbedderError(
    'model-unsupported',
    `Cannot load modules.json as its order must be Transformer, Pooling, then Dense and Normalize: current value at that place is ${module.kind}`,
    { details: { path: 'modules.json' } },
  )
}
