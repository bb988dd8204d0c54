import type { TransformerSpec } from './architectures/architecture.js'
import { findArchitecture } from './architectures/registry.js'
import { ConfigReader } from './config-reader.js'
import type { EncoderSpec, ModelSettings } from './encoder-spec.js'
import type { ModelFolder } from './model-folder.js'
import { joinPath, readModules, WEIGHTS } from './modules.js'
import { readSettings } from './read-settings.js'
import { readTail } from './read-tail.js'
import { readTexts, type TokenizerFiles } from './read-texts.js'
import { spaceIdOf } from './space-id.js'
import { WeightFile } from './weight-file.js'

/** A model folder that has been read and checked. */
export interface Model {
  readonly spec: EncoderSpec
  readonly settings: ModelSettings
  /** Bytes of the safetensors files that the spec's weights point into. */
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly tokenizer: TokenizerFiles
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
  const weightFiles = new Map([[network.weightsPath, network.weights]])
  const chain = await readTail(folder, tail, network.spec.hiddenSize, weightFiles)
  const spec: EncoderSpec = { architecture: network.architecture, ...network.spec, ...chain }
  const settings = readSettings(texts, network.spec.maxPositions)
  return {
    spec,
    settings,
    weightFiles,
    tokenizer: texts.tokenizer,
    spaceId: await spaceIdOf(spec, settings, weightFiles, texts.tokenizerBytes),
  }
}

async function readTransformer(
  folder: ModelFolder,
  prefix: string,
): Promise<{
  architecture: string
  spec: TransformerSpec
  weightsPath: string
  weights: Uint8Array<ArrayBuffer>
}> {
  const configPath = joinPath(prefix, 'config.json')
  const config = ConfigReader.parse(configPath, await folder.readText(configPath))
  const architecture = config.string('model_type')
  const family = findArchitecture(architecture, configPath)
  const weightsPath = joinPath(prefix, WEIGHTS)
  const weights = await folder.read(weightsPath)
  const spec = family.describe(config, new WeightFile(weightsPath, weights, family.anchor))
  return { architecture, spec, weightsPath, weights }
}
