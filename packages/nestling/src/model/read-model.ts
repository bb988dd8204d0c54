import { EmbedderError } from '../wire/embedder-error.js'
import type { EncoderSpec, ModelSettings } from './encoder-spec.js'
import { joinPath } from './configs/inner-path.js'
import type { ModelFolder } from './model-folder.js'
import { readModuleChain } from './read-module-chain.js'
import { readNetwork } from './read-network.js'
import { readSettings } from './configs/read-settings.js'
import { readTail } from './read-tail.js'
import { readTexts, TOKENIZER, type TokenizerFiles } from './configs/read-texts.js'
import { WEIGHTS } from './weights/read-weights.js'
import { spaceIdOf } from './space-id.js'

/** A model folder that has been read and checked. */
export interface Model {
  readonly spec: EncoderSpec
  readonly settings: ModelSettings
  /** Bytes of the safetensors files that the spec's weights point into. */
  readonly weightFiles: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  readonly tokenizer: TokenizerFiles
  /** Where tokenizer.json is. */
  readonly tokenizerPath: string
  readonly spaceId: string
  /** What the folder says that changes vectors and is not obeyed: `key of path`. */
  readonly ignored: readonly string[]
}

/**
 * Reads a sentence-transformers folder.
 *
 * @throws {EmbedderError} `model-not-found`, `model-invalid`, `model-unsupported`, `weights-missing` or what fetching throws.
 */
export async function readModel(folder: ModelFolder): Promise<Model> {
  const modules = await readModuleChain(folder)
  const [first, ...rest] = modules
  const withWeights = modules.filter(({ kind }) => kind !== 'Pooling' && kind !== 'Normalize')
  const weights = withWeights.map((module) => joinPath(module.path, WEIGHTS))
  folder.announce([...weights, joinPath(first.path, TOKENIZER)])
  folder.prefetch(weights)
  // Side by side, so that a config that cannot work fails the load before its weights are here.
  const [texts, network] = await Promise.all([readTexts(folder, first), readNetwork(folder, first)])
  const { weightFiles: tailFiles, ...tail } = await readTail(folder, rest, {
    hiddenSize: network.spec.hiddenSize,
    isPooled: network.isPooled,
  })
  const weightFiles = new Map([...network.weights.files, ...tailFiles])
  const spec: EncoderSpec = { architecture: network.architecture, ...network.spec, ...tail }
  const settings = readSettings(texts, {
    maxPositions: network.maxPositions,
    hasPositionTable: network.spec.embeddings.position !== undefined,
    isStatic: network.isPooled,
  })
  checkLength(spec, settings)
  const digests = {
    weights: await Promise.all([...weightFiles.keys()].map((path) => folder.sha256(path))),
    tokenizer: await folder.sha256(texts.tokenizerPath),
  }
  return {
    spec,
    settings,
    weightFiles,
    tokenizer: texts.tokenizer,
    tokenizerPath: texts.tokenizerPath,
    spaceId: await spaceIdOf(spec, settings, digests, texts.tokenizer),
    ignored: [...network.ignored, ...texts.ignored],
  }
}

/** Some rotary embeddings change with the length of a text, which neither this library nor a cache of vectors follows. */
function checkLength({ rotaries }: EncoderSpec, { maxSeqLength }: ModelSettings): void {
  const most = Math.min(...rotaries.map(({ maxPositions = Infinity }) => maxPositions))
  if (maxSeqLength <= most) return
  throw new EmbedderError(
    'model-unsupported',
    `Cannot load config.json as max_seq_length must be at most ${most} with its rope_type: current value is ${maxSeqLength}\nLower max_seq_length in sentence_bert_config.json`,
    { details: { maxSeqLength, most } },
  )
}
