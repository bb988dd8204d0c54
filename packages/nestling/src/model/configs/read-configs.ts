import { EmbedderError } from '../../wire/embedder-error.js'
import { ConfigReader } from './config-reader.js'
import { joinPath } from './inner-path.js'
import type { ModelFolder } from '../model-folder.js'
import type { TokenizerConfigs } from '../tokenizer-class/tokenizer-settings.js'

type Values = Readonly<Record<string, unknown>>

const SENTENCE_CONFIG = 'sentence_bert_config.json'

/** What sentence_bert_config.json was called in folders of other families before sentence-transformers 1, in Python's order. */
const OLD_SENTENCE_CONFIGS: readonly string[] = [
  'sentence_roberta_config.json',
  'sentence_distilbert_config.json',
  'sentence_camembert_config.json',
  'sentence_albert_config.json',
  'sentence_xlm-roberta_config.json',
  'sentence_xlnet_config.json',
]

/** Configs of a Transformer module. */
export interface TransformerConfigs {
  readonly sentence: ConfigReader
  readonly tokenizer: TokenizerConfigs
  /** Values of config.json. */
  readonly model: Values
}

/**
 * Reads all configs of a Transformer module.
 *
 * @param prefix - Path of the module.
 * @throws {EmbedderError} `model-not-found` if there is no config.json, `model-invalid` if a file is no JSON object, or what fetching
 * throws.
 */
export async function readConfigs(folder: ModelFolder, prefix: string): Promise<TransformerConfigs> {
  const modelPath = joinPath(prefix, 'config.json')
  const [sentence, files, model] = await Promise.all([
    readSentenceConfig(folder, prefix),
    readTokenizerFiles(folder, prefix),
    folder.readText(modelPath),
  ])
  refuseOtherTask(sentence)
  const overrides = objectAt(sentence, sentence.nameOf('tokenizer_args', 'processor_kwargs'))
  return { sentence, tokenizer: { ...files, overrides }, model: ConfigReader.parse(modelPath, model).values }
}

/**
 * Reads sentence_bert_config.json, under an old name where it is not there or empty.
 *
 * @param prefix - Path of the Transformer module.
 * @returns A reader of it; of nothing where there is none.
 * @throws {EmbedderError} `model-invalid` if it is no JSON object, or what fetching throws.
 * @see `sentence_transformers.base.modules.transformer.Transformer.load_config`
 */
async function readSentenceConfig(folder: ModelFolder, prefix: string): Promise<ConfigReader> {
  const path = joinPath(prefix, SENTENCE_CONFIG)
  const present = await readOptional(folder, path)
  if (present !== undefined && Object.keys(present.values).length > 0) return present
  const none = ConfigReader.of(path, {})
  // A folder without modules.json was never written by sentence-transformers: nobody is asked for six files more.
  if ((await folder.readOptional('modules.json')) === undefined) return none
  const old = await Promise.all(OLD_SENTENCE_CONFIGS.map((name) => readOptional(folder, joinPath(prefix, name))))
  return old.find((reader) => reader !== undefined && Object.keys(reader.values).length > 0) ?? none
}

/** What models of other tasks give. */
const OTHER_TASKS: Readonly<Record<string, string>> = {
  'any-to-any': 'it writes texts',
  'fill-mask': 'it has a weight for each word, as sparse models (SparseEncoder) do',
  'sequence-classification': 'it gives scores, as rerankers (CrossEncoder) and classifiers do',
  'text-generation': 'it writes texts',
}

/**
 * A Transformer can be made for another task, or give something else than a vector for each token.
 *
 * @see `sentence_transformers.base.modules.transformer.TRANSFORMER_TASK_DEFAULTS`
 */
function refuseOtherTask(sentence: ConfigReader): void {
  const rules: readonly (readonly [reader: ConfigReader, key: string, value: string])[] = [
    [sentence, 'transformer_task', 'feature-extraction'],
    [sentence, 'module_output_name', 'token_embeddings'],
    ...(sentence.has('modality_config') ? rulesOfText(sentence) : []),
  ]
  for (const [reader, key, value] of rules) {
    const found = reader.string(key, value)
    if (found === value) continue
    const reason = Object.hasOwn(OTHER_TASKS, found) ? ` (${OTHER_TASKS[found] ?? ''})` : ''
    throw new EmbedderError(
      'model-unsupported',
      `Cannot load ${reader.path} as ${key} must be ${value}: current value is ${found}${reason}\nLoad a model that SentenceTransformer saved for embeddings of texts`,
      { details: { path: reader.path, key } },
    )
  }
}

function rulesOfText(sentence: ConfigReader): [ConfigReader, string, string][] {
  const modalities = ConfigReader.of(`modality_config of ${sentence.path}`, sentence.values['modality_config'])
  const text = ConfigReader.of(`text in ${modalities.path}`, modalities.values['text'])
  return [
    [text, 'method', 'forward'],
    [text, 'method_output_name', 'last_hidden_state'],
  ]
}

/** Python reads the two old files only where tokenizer_config.json does not list the added tokens itself. */
async function readTokenizerFiles(folder: ModelFolder, prefix: string): Promise<Omit<TokenizerConfigs, 'overrides'>> {
  const at = (name: string): Promise<ConfigReader | undefined> => readOptional(folder, joinPath(prefix, name))
  const config = (await at('tokenizer_config.json'))?.values
  if (config?.['added_tokens_decoder'] !== undefined) {
    return { config, specialTokensMap: undefined, addedTokens: undefined }
  }
  const [map, added] = await Promise.all([at('special_tokens_map.json'), at('added_tokens.json')])
  return { config, specialTokensMap: map?.values, addedTokens: added?.values }
}

async function readOptional(folder: ModelFolder, path: string): Promise<ConfigReader | undefined> {
  const text = await folder.readTextOptional(path)
  return text === undefined ? undefined : ConfigReader.parse(path, text)
}

function objectAt(config: ConfigReader, key: string): Values {
  return config.has(key) ? ConfigReader.of(`${key} of ${config.path}`, config.values[key]).values : {}
}
