import { EmbedderError } from '../wire/embedder-error.js'
import { LIMITS } from './architectures/architecture.js'
import { findArchitecture } from './architectures/registry.js'
import { ConfigReader } from './configs/config-reader.js'
import type { TransformerSpec } from './encoder-spec.js'
import { ignoredSettings } from './configs/ignored-settings.js'
import { joinPath } from './configs/inner-path.js'
import type { ModelFolder } from './model-folder.js'
import type { ModuleEntry } from './configs/modules.js'
import { readWeights, type WeightFiles } from './weights/read-weights.js'
import { WeightFinder } from './weights/weight-finder.js'

/** What turns token ids into vectors of tokens. */
export interface Network {
  /** `model_type`, or `static` for a table without a transformer. */
  readonly architecture: string
  readonly spec: TransformerSpec
  readonly maxPositions: number
  readonly weights: WeightFiles
  /** Whether the module averages its tokens itself, so that no Pooling follows. */
  readonly isPooled: boolean
  /** What changes vectors and is not obeyed. */
  readonly ignored: readonly string[]
}

/**
 * Reads the first module of a folder.
 *
 * @throws {EmbedderError} `model-invalid`, `model-unsupported` or `weights-missing` if it cannot be read.
 */
export function readNetwork(folder: ModelFolder, module: ModuleEntry): Promise<Network> {
  return module.kind === 'StaticEmbedding' ? readStatic(folder, module.path) : readTransformer(folder, module.path)
}

async function readTransformer(folder: ModelFolder, prefix: string): Promise<Network> {
  const configPath = joinPath(prefix, 'config.json')
  const config = ConfigReader.parse(configPath, await folder.readText(configPath))
  const architecture = config.string('model_type')
  const family = findArchitecture(architecture, configPath)
  refuseQuantized(config)
  const weights = await readWeights(folder, prefix)
  const described = family.describe(config, new WeightFinder(weights, family.anchor))
  return { architecture, ...described, weights, isPooled: false, ignored: ignoredSettings('model', config) }
}

/** Packed weights have other names and shapes, and a tensor that is missing would not say why. */
function refuseQuantized(config: ConfigReader): void {
  if (!config.has('quantization_config')) return
  const { values } = ConfigReader.of(`quantization_config of ${config.path}`, config.values['quantization_config'])
  throw new EmbedderError(
    'model-unsupported',
    `Cannot load ${config.path} as quantization_config must not be there: current value of quant_method is ${String(values['quant_method'])}\nLoad the model in float32, float16 or bfloat16`,
    { details: { path: config.path } },
  )
}

/**
 * A table of vectors, one a token; a text is the mean of its tokens' rows.
 *
 * @see `sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding`
 */
async function readStatic(folder: ModelFolder, prefix: string): Promise<Network> {
  const weights = await readWeights(folder, prefix)
  const file = new WeightFinder(weights, 'embedding.weight', 'embeddings')
  const word = file.matrix(file.anchor, { rows: LIMITS.vocab.max, columns: LIMITS.hidden.max })
  const [vocabSize = 0, hiddenSize = 0] = word.shape
  const spec: TransformerSpec = { hiddenSize, vocabSize, embeddings: { word }, rotaries: [], masks: [], layers: [] }
  return { architecture: 'static', spec, maxPositions: Infinity, weights, isPooled: true, ignored: [] }
}
