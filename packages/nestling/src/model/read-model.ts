import { EmbedderError } from '../wire/embedder-error.js'
import { torchActivation } from './activation.js'
import type { TransformerSpec } from './architectures/architecture.js'
import { findArchitecture } from './architectures/registry.js'
import { ConfigReader, parseJson } from './config-reader.js'
import type { EncoderSpec, ModelSettings, PoolingMode, TailSpec } from './encoder-spec.js'
import type { ModelFolder } from './model-folder.js'
import { joinPath } from './inner-path.js'
import { readModules, type ModuleEntry } from './modules.js'
import { readPoolingModes } from './pooling-config.js'
import { readSettings } from './read-settings.js'
import { readWeights, WEIGHTS, type WeightFiles } from './read-weights.js'
import { spaceIdOf } from './space-id.js'
import { WeightFile } from './weight-file.js'

/** A model folder that has been read and checked. */
export interface Model {
  readonly spec: EncoderSpec
  readonly settings: ModelSettings
  /** Bytes of the safetensors files that the spec's weights point into. */
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly tokenizer: { readonly json: unknown; readonly config: unknown }
  readonly spaceId: string
}

/**
 * Reads a sentence-transformers folder.
 *
 * @param folder - The folder.
 * @returns The model.
 * @throws {EmbedderError} `model-not-found`, `model-invalid`, `model-unsupported`, `weights-missing` or what fetching throws.
 */
export async function readModel(folder: ModelFolder): Promise<Model> {
  const modules = readModules(await folder.readTextOptional('modules.json'))
  const [transformer, ...tail] = modules
  const withWeights = modules.filter((module) => module.kind === 'Transformer' || module.kind === 'Dense')
  folder.prefetch(withWeights.map((module) => joinPath(module.path, WEIGHTS)))
  // Side by side, so that a config that cannot work fails the load before its weights are here.
  const [texts, network] = await Promise.all([
    readTexts(folder, transformer.path),
    readTransformer(folder, transformer.path),
  ])
  const weightFiles = new Map(network.weights.files)
  const chain = await readTail(folder, tail, network.spec.hiddenSize, weightFiles)
  const spec: EncoderSpec = { architecture: network.architecture, ...network.spec, ...chain }
  const settings = readSettings(texts, network.spec.maxPositions)
  return {
    spec,
    settings,
    weightFiles,
    tokenizer: { json: texts.tokenizer, config: parseJson('tokenizer_config.json', texts.tokenizerConfig ?? '{}') },
    spaceId: await spaceIdOf(spec, settings, weightFiles, texts.tokenizerBytes),
  }
}

async function readTexts(
  folder: ModelFolder,
  prefix: string,
): Promise<{
  sentenceBert: string | undefined
  sentenceTransformers: string | undefined
  tokenizerConfig: string | undefined
  tokenizer: unknown
  tokenizerBytes: Uint8Array<ArrayBuffer>
}> {
  const at = (name: string): string => joinPath(prefix, name)
  const [sentenceBert, sentenceTransformers, tokenizerConfig, tokenizerBytes] = await Promise.all([
    folder.readTextOptional(at('sentence_bert_config.json')),
    folder.readTextOptional('config_sentence_transformers.json'),
    folder.readTextOptional(at('tokenizer_config.json')),
    folder.read(at('tokenizer.json')),
  ])
  const tokenizer = ConfigReader.parse(at('tokenizer.json'), new TextDecoder().decode(tokenizerBytes)).values
  return { sentenceBert, sentenceTransformers, tokenizerConfig, tokenizer, tokenizerBytes }
}

async function readTransformer(
  folder: ModelFolder,
  prefix: string,
): Promise<{
  architecture: string
  spec: TransformerSpec
  weights: WeightFiles
}> {
  const configPath = joinPath(prefix, 'config.json')
  const config = ConfigReader.parse(configPath, await folder.readText(configPath))
  const architecture = config.string('model_type')
  const family = findArchitecture(architecture, configPath)
  const weights = await readWeights(folder, prefix)
  return { architecture, spec: family.describe(config, new WeightFile(weights, family.anchor)), weights }
}

interface Chain {
  readonly pooling: EncoderSpec['pooling']
  readonly tail: readonly TailSpec[]
  readonly dim: number
}

async function readTail(
  folder: ModelFolder,
  modules: readonly ModuleEntry[],
  hiddenSize: number,
  weightFiles: Map<string, Uint8Array<ArrayBuffer>>,
): Promise<Chain> {
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
const DEFAULT_POOLING: EncoderSpec['pooling'] = { modes: ['mean'], includePrompt: true }

async function readPooling(
  folder: ModelFolder,
  module: ModuleEntry,
  hiddenSize: number,
): Promise<EncoderSpec['pooling']> {
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
  const found = await readWeights(folder, modulePath)
  for (const [weightsPath, bytes] of found.files) weightFiles.set(weightsPath, bytes)
  const weights = new WeightFile(found, 'linear.weight')
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
