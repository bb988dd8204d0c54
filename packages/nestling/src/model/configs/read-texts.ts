import { ConfigReader } from './config-reader.js'
import { ignoredSettings } from './ignored-settings.js'
import type { ModelFolder } from '../model-folder.js'
import type { ModuleEntry } from './modules.js'
import { joinPath } from './inner-path.js'
import { readConfigs } from './read-configs.js'
import { refuseOtherModels } from '../read-module-chain.js'
import type { SettingsFiles } from './read-settings.js'
import { applyPatch, type TokenizerPatch } from '../tokenizer-class/tokenizer-json.js'
import { tokenizerPatchOf } from '../tokenizer-class/tokenizer-patch.js'

const SENTENCE_TRANSFORMERS = 'config_sentence_transformers.json'

/** The tokenizer, whole. */
export const TOKENIZER = 'tokenizer.json'

/** Values of the files that a tokenizer is made from. */
export interface TokenizerFiles {
  /** tokenizer.json as Python's class for the folder understands it. */
  readonly json: unknown
  readonly config: unknown
  /** Where that is not what the file says. */
  readonly patch: TokenizerPatch | undefined
}

/** What a folder says in text beside config.json: settings and the tokenizer. */
export interface FolderTexts extends SettingsFiles {
  readonly tokenizer: TokenizerFiles
  /** Where tokenizer.json is. */
  readonly tokenizerPath: string
  /** What changes vectors and is not obeyed. */
  readonly ignored: readonly string[]
}

/**
 * Reads settings and the tokenizer, the part of a folder that no kind of weights changes.
 *
 * @param module - The first module.
 * @returns Texts and values.
 * @throws {EmbedderError} `model-not-found` if there is no tokenizer.json, `model-invalid` if a file is not JSON, or what fetching
 * throws.
 */
export async function readTexts(folder: ModelFolder, module: ModuleEntry): Promise<FolderTexts> {
  const tokenizerPath = joinPath(module.path, TOKENIZER)
  const [sentenceTransformers, tokenizerBytes, configs] = await Promise.all([
    folder.readTextOptional(SENTENCE_TRANSFORMERS),
    folder.read(tokenizerPath),
    // StaticEmbedding has a tokenizer.json and no configs of its own.
    module.kind === 'StaticEmbedding' ? undefined : readConfigs(folder, module.path),
  ])
  const tokenizerJson = ConfigReader.parse(tokenizerPath, new TextDecoder().decode(tokenizerBytes)).values
  const whole = ConfigReader.parse(SENTENCE_TRANSFORMERS, sentenceTransformers ?? '{}')
  refuseOtherModels(folder, whole)
  const patch = configs && tokenizerPatchOf(tokenizerJson, configs.tokenizer, configs.model)
  const config = { ...configs?.tokenizer.config, ...configs?.tokenizer.overrides }
  const sentence = configs?.sentence ?? ConfigReader.of(module.path, {})
  const tokenizerConfig = ConfigReader.of(joinPath(module.path, 'tokenizer_config.json'), config)
  return {
    sentence,
    sentenceTransformers: whole,
    tokenizerConfig,
    tokenizerJson,
    tokenizer: { json: applyPatch(tokenizerJson, patch), config, patch },
    tokenizerPath,
    ignored: [...ignoredSettings('sentence', sentence), ...ignoredSettings('tokenizer', tokenizerConfig)],
  }
}
