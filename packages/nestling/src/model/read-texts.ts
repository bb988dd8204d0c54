import { ConfigReader, parseJson } from './config-reader.js'
import type { ModelFolder } from './model-folder.js'
import type { ModuleEntry } from './modules.js'
import { joinPath } from './inner-path.js'
import type { SettingsFiles } from './read-settings.js'

/** The tokenizer, whole. */
export const TOKENIZER = 'tokenizer.json'

/** Values of the files that a tokenizer is made from. */
export interface TokenizerFiles {
  readonly json: unknown
  readonly config: unknown
}

/** What a folder says in text beside config.json: settings and the tokenizer. */
export interface FolderTexts extends SettingsFiles {
  readonly tokenizer: TokenizerFiles
  /** Where tokenizer.json is. */
  readonly tokenizerPath: string
}

/**
 * Reads settings and the tokenizer, the part of a folder that no kind of weights changes.
 *
 * @param folder - The folder.
 * @param module - The first module.
 * @returns Texts and values.
 * @throws {EmbedderError} `model-not-found` if there is no tokenizer.json, `model-invalid` if a file is not JSON, or what fetching
 * throws.
 */
export async function readTexts(folder: ModelFolder, module: ModuleEntry): Promise<FolderTexts> {
  const at = (name: string): string => joinPath(module.path, name)
  // StaticEmbedding has a tokenizer.json and no configs of its own.
  const readConfig = (path: string): Promise<string | undefined> =>
    module.kind === 'StaticEmbedding' ? Promise.resolve(undefined) : folder.readTextOptional(path)
  const tokenizerPath = at(TOKENIZER)
  const [sentenceBert, sentenceTransformers, tokenizerConfig, tokenizerBytes] = await Promise.all([
    readConfig(at('sentence_bert_config.json')),
    folder.readTextOptional('config_sentence_transformers.json'),
    readConfig(at('tokenizer_config.json')),
    folder.read(tokenizerPath),
  ])
  const json = ConfigReader.parse(tokenizerPath, new TextDecoder().decode(tokenizerBytes)).values
  const config = parseJson('tokenizer_config.json', tokenizerConfig ?? '{}')
  const texts = { sentenceBert, sentenceTransformers, tokenizerConfig, tokenizerJson: json }
  return { ...texts, tokenizer: { json, config }, tokenizerPath }
}
